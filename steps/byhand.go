package steps

import (
	"slices"
	"strconv"

	"anywhere/awsapi/policy"
	"anywhere/pki"
	"anywhere/signer/sharedconfig"
)

// byHand is what each step comes to on a command line, with the answers as they
// stand: for a question, long before there is a plan. Names that are drawn later
// are those of the plan where it is known, else as the step would choose them.
var byHand = map[ID]func(*Env) []Command{
	StepLook: func(e *Env) []Command {
		return []Command{{Args: e.region("aws", "sts", "get-caller-identity")}}
	},
	StepCA: func(e *Env) []Command {
		if ownPair(e) {
			return ownCommands(e)
		}
		if e.importedCA() != "" {
			return []Command{{Args: []string{"openssl", "x509", "-in", e.importedCA(), "-noout", "-text"}}}
		}
		span, err := life(e.Get("ca.life"))
		if err != nil {
			return nil
		}
		now := e.World.Now()
		spec := caSpec{Kind: pki.KeyKind(e.Get("ca.key")), CommonName: e.Get("ca.cn"),
			Organization: e.Get("leaf.organization"), NotBefore: now, NotAfter: now.Add(span)}
		if span, err := life(e.Get("ca.root-life")); err == nil {
			spec.Root = &rootSpec{CommonName: e.Get("ca.root-cn"), NotAfter: now.Add(span)}
		}
		return caCommands(e, spec)
	},
	StepCertificate: func(e *Env) []Command {
		if ownPair(e) {
			return ownCommands(e)
		}
		spec, err := wantedLeaf(e)
		if err != nil {
			return nil
		}
		spec.NotBefore = spec.NotBefore.Add(backdate)
		return drawSerial(leafCommands(e, spec))
	},
	StepAnchor: func(e *Env) []Command {
		return anchorCommands(e, anchorSpec{Name: e.likelyName(), Notices: shortNotices(e)})
	},
	StepRole: func(e *Env) []Command {
		longest, _ := strconv.Atoi(e.Get("role.max-session-duration"))
		return roleCommands(e, roleSpec{Name: e.likelyName(), Path: e.Get("role.path"), Trust: trustText(e),
			MaxSession: longest, Boundary: e.Get("role.permissions-boundary")})
	},
	StepPermissions: func(e *Env) []Command {
		if e.ID == "" {
			return nil
		}
		spec, _, err := wantedPermissions(e)
		if err != nil || spec.Role == "" {
			return nil
		}
		return permitCommands(e, spec)
	},
	StepProfile: func(e *Env) []Command {
		seconds, _ := strconv.Atoi(e.Get("session.duration"))
		return profileCommands(e, profileSpec{Name: e.likelyName(), Duration: seconds})
	},
	StepBinary: func(e *Env) []Command {
		if validBinaryDir(e, e.Get("binary.dir")) != nil {
			return nil
		}
		var list []Command
		for _, c := range e.copies() {
			if c.source == c.program {
				continue // it stays where it is
			}
			list = append(list, Command{Args: []string{"install", "-m", "755", c.source, c.program}})
		}
		return list
	},
	StepConfig: func(e *Env) []Command {
		spec, err := wantedConfig(e)
		if err != nil {
			return nil
		}
		return configCommands(spec)
	},
	StepSession: func(e *Env) []Command {
		return []Command{{Args: sharedconfig.SplitCommand(e.CredentialProcess())}}
	},
	StepProof: func(e *Env) []Command {
		return []Command{{Args: e.region("aws", "sts", "get-caller-identity", "--profile", e.Get("config.profile"))}}
	},
}

// Commands are the equivalent, by hand, of the step that asks for key, if value
// were the answer: nil where there is none, or where it is too early to say. It
// changes nothing and asks nobody.
func (r *Runner) Commands(key, value string) []Command {
	if r.env.Site == nil || r.env.Setup == "" || key == "where" || key == "name" {
		return nil
	}
	q := r.env.question(key)
	if q == nil || q.Kind == Secret {
		return nil
	}
	r.env.typing = q.Kind == File
	defer func() { r.env.typing = false }()
	if r.check(q, value) != nil {
		return nil
	}
	was, answered := r.answers.given[key]
	r.answers.given[key] = value
	defer func() {
		delete(r.answers.given, key)
		if answered {
			r.answers.given[key] = was
		}
	}()
	return r.StepCommands(r.stepOf(key))
}

// StepCommands are the equivalent of a whole step with the answers as they stand.
func (r *Runner) StepCommands(id ID) []Command {
	draw, ok := byHand[id]
	if !ok || r.env.Site == nil || r.env.Setup == "" {
		return nil
	}
	return draw(r.env)
}

// stepOf is the step that a question is about: the one that asks it, but for
// those that are asked early because later ones depend on them.
func (r *Runner) stepOf(key string) ID {
	if key == "anchor.arn" {
		return StepAnchor
	}
	for _, step := range r.env.road {
		if slices.ContainsFunc(step.Asks, func(q Question) bool { return q.Key == key }) {
			return step.ID
		}
	}
	return ""
}

// likelyName is the name in AWS, or its beginning while the id is not drawn.
func (e *Env) likelyName() string {
	if len(e.ID) < 8 {
		return "anywhere-" + e.Setup
	}
	return e.AWSName()
}

// trustText is the trust policy as far as it is known.
func trustText(e *Env) string {
	if e.ID == "" || givenRole(e) {
		return ""
	}
	return policy.TrustPolicy(e.wantedTrust()).JSON()
}

// drawSerial lets openssl draw the serial, which the plan has not drawn yet.
func drawSerial(commands []Command) []Command {
	for i, c := range commands {
		if at := slices.Index(c.Args, "-set_serial"); at >= 0 {
			commands[i].Args = slices.Replace(slices.Clone(c.Args), at, at+2, "-CAcreateserial")
		}
	}
	return commands
}
