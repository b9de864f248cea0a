package tui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"anywhere/steps"
)

// fakeSetup is a short road: a choice, a name, a secret if the name asks for one,
// and a setting. It counts every call, so that a test can tell that none is made
// on the event loop.
type fakeSetup struct {
	calls    atomic.Int32
	name     string // put into everything foreign
	answers  map[string]string
	order    []string
	defaults map[string]string
	changes  []steps.Change
	notes    []string
	broken   map[string]error         // by change ID: what Apply says once
	slow     map[string]time.Duration // by change ID: how long it waits for AWS
	looks    []error                  // what Next says, one by one
	applied  []string
	accepted []string
	plans    int
}

func newFakeSetup() *fakeSetup {
	return &fakeSetup{
		name: "build-box-7", answers: map[string]string{}, defaults: map[string]string{},
		broken: map[string]error{}, slow: map[string]time.Duration{}, changes: fakeChanges("build-box-7"),
		notes: []string{"The CA key has no passphrase: whoever reads this file can become any machine of this anchor."},
	}
}

func fakeChanges(name string) []steps.Change {
	return []steps.Change{
		{ID: "ca.create", Step: "ca", Verb: steps.Create, Noun: "CA and key", Name: "~/.anywhere/ca/7f3a91c2", Detail: "P-256, 5 years",
			Commands: []steps.Command{{Args: []string{"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "ca.key"}}}},
		{ID: "certificate.issue", Step: "certificate", Verb: steps.Create, Noun: "certificate and key", Name: "~/.anywhere/setups/laptop/pairs/4f00a1b2c3d4e5f60718293a4b5c6d7e", Detail: "CN=" + name + ", 90 days"},
		{ID: "anchor.create", Step: steps.StepAnchor, Verb: steps.Create, Noun: "trust anchor", Name: "anywhere-laptop-7f3a91c2", Detail: "holds laptop-ca"},
		{ID: "role.create", Step: "role", Verb: steps.Create, Noun: "role", Name: "anywhere-laptop-7f3a91c2", Detail: "this anchor, CN=" + name + " only",
			Diff: "{\n\t\"Version\": \"2012-10-17\",\n  \"CN\": \"" + name + "\"\n}\n",
			Commands: []steps.Command{
				{File: "trust.json", Content: "{\"Version\":\"2012-10-17\"}\n"},
				{Sets: "ROLE_ARN", Args: []string{"aws", "iam", "create-role", "--role-name", "anywhere-laptop-7f3a91c2", "--assume-role-policy-document", "file://trust.json", "--query", "Role.Arn", "--output", "text"}},
			}},
		{ID: "profile.create", Step: steps.StepProfile, Verb: steps.Create, Noun: "Roles Anywhere profile", Name: "anywhere-laptop-7f3a91c2", Detail: "1 h sessions",
			Commands: []steps.Command{{Args: []string{"aws", "rolesanywhere", "create-profile", "--name", "anywhere-laptop-7f3a91c2", "--role-arns", "$ROLE_ARN"}}}},
		{ID: "config.write", Step: steps.StepConfig, Verb: steps.Modify, Noun: "~/.aws/config", Name: "[profile laptop]", Detail: "3 lines added",
			Diff: "@@ -1,2 +1,5 @@\n [default]\n region = eu-west-1\n+\n+[profile laptop]\n+credential_process = /home/ops1/.anywhere/bin/anywhere-signer credential-process --setup laptop\n"},
	}
}

// reach is a change that needs its own yes.
func reach() steps.Change {
	return steps.Change{ID: "anchor.reach", Step: steps.StepAnchor, Verb: steps.Modify, Noun: "reach", Name: "arn:aws:iam::111122223333:role/backup",
		Accept: "this anchor also opens role backup, whose trust policy names no anchor"}
}

func (f *fakeSetup) questions() []steps.Asked {
	list := []steps.Asked{
		{Step: steps.StepLook, Question: steps.Question{Key: "where", Kind: steps.Choose, Ask: "Where should this machine get credentials?",
			Why: "The sandbox is a local AWS that refuses what AWS refuses; nothing leaves this machine and nothing costs money."},
			Default: "sandbox", Choices: []steps.Choice{
				{Value: "sandbox", Label: "In the sandbox", Note: "a local AWS, to try it out"},
				{Value: "aws", Label: "In account 111122223333 as user/ops1", Note: "eu-west-1"}}},
		{Step: steps.StepCertificate, Commands: requestFor(f.name), Question: steps.Question{Key: "leaf.cn", Kind: steps.Text, Ask: "What should the certificate call this machine?",
			Why: "Becomes the common name (CN). AWS writes it as the source identity of everything this machine does, and the role can be tied to it."},
			Default: f.name},
	}
	if cn := f.answers["leaf.cn"]; cn == "locked" || cn == "theirs" {
		list = append(list, steps.Asked{Step: "ca", Once: cn == "theirs", Question: steps.Question{Key: "ca.passphrase", Kind: steps.Secret,
			Ask: "Which passphrase locks the CA key?", Why: "Whoever has the key and the passphrase can become any machine of this anchor."}})
	}
	for i := range list {
		if d, ok := f.defaults[list[i].Key]; ok {
			list[i].Default = d
		}
	}
	return list
}

func (f *fakeSetup) next() *steps.Asked {
	for _, q := range f.questions() {
		if _, ok := f.answers[q.Key]; !ok {
			return &q
		}
	}
	return nil
}

func (f *fakeSetup) Next(context.Context) (*steps.Asked, error) {
	f.calls.Add(1)
	if len(f.looks) > 0 {
		err := f.looks[0]
		f.looks = f.looks[1:]
		if err != nil {
			return nil, err
		}
	}
	return f.next(), nil
}

// requestFor is the equivalent of the question for the name.
func requestFor(cn string) []steps.Command {
	return []steps.Command{
		{Args: []string{"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "key.pem"}},
		{Args: []string{"openssl", "req", "-new", "-key", "key.pem", "-subj", "/CN=" + cn, "-out", "request.pem"}},
	}
}

// Commands follow what is typed.
func (checkingSetup) Commands(key, value string) []steps.Command {
	if key != "leaf.cn" {
		return nil
	}
	return requestFor(value)
}

// fakeCheck is the rule of the fake road for common names.
func fakeCheck(key, value string) error {
	if key == "leaf.cn" && strings.ContainsAny(value, " /") {
		return &steps.InvalidError{Key: key, Value: value, Err: errors.New("only letters, digits and . _ - @ + = can stand in a name")}
	}
	return nil
}

func (f *fakeSetup) Answer(_ context.Context, key, value string) error {
	f.calls.Add(1)
	if err := fakeCheck(key, value); err != nil {
		return err
	}
	if key == "session.duration" {
		f.defaults[key] = value
		return nil
	}
	f.answers[key] = value
	f.order = append(f.order, key)
	return nil
}

func (f *fakeSetup) Back() bool {
	f.calls.Add(1)
	if len(f.order) == 0 {
		return false
	}
	last := f.order[len(f.order)-1]
	f.order = f.order[:len(f.order)-1]
	f.defaults[last] = f.answers[last]
	delete(f.answers, last)
	return true
}

func (f *fakeSetup) Header() Header {
	f.calls.Add(1)
	h := Header{Setup: "laptop", Mode: f.answers["where"], Region: "eu-west-1"}
	if h.Mode == "aws" {
		h.Account, h.Caller = "111122223333", "arn:aws:iam::111122223333:user/ops1"
	}
	return h
}

func (f *fakeSetup) Rail() []Stop {
	f.calls.Add(1)
	rail := []Stop{{Title: "Where"}, {Title: "Certificate", Steps: []steps.ID{steps.StepCA, steps.StepCertificate}}, {Title: "Trust anchor"},
		{Title: "Role", Steps: []steps.ID{steps.StepRole}}, {Title: "Permissions"}, {Title: "AWS config", Steps: []steps.ID{steps.StepConfig}}, {Title: "Proof"}}
	for i := range min(len(f.answers), 2) {
		rail[i].State = Past
	}
	rail[min(len(f.answers), 2)].State = Here
	return rail
}

func (f *fakeSetup) Picture() Picture {
	f.calls.Add(1)
	if len(f.answers) == 0 {
		return Picture{}
	}
	stands := func(id string) bool { return slices.Contains(f.applied, id) }
	p := Picture{
		CA:          Node{Name: "laptop-ca", Detail: "P-256, until 2031", Check: "its key stays here; AWS gets the certificate", Stands: stands("ca.create")},
		Certificate: Node{Name: f.name, Detail: "P-256, 90 days", Key: "leaf.cn", Check: "issuer, dates, digitalSignature, CA:FALSE", Stands: stands("certificate.issue")},
		Anchor:      Node{Name: "anywhere-laptop-7f3a91c2", Check: "holds laptop-ca, and is enabled", Stands: stands("anchor.create")},
	}
	if len(f.answers) > 1 {
		p.Profile = Node{Name: "anywhere-laptop-7f3a91c2", Detail: "1 h sessions", Check: "is enabled, and lists the role", Stands: stands("profile.create")}
		p.Role = Node{Name: "anywhere-laptop-7f3a91c2", Check: "aws:SourceArn is the trust anchor, CN is " + f.name, Stands: stands("role.create")}
		p.Session = Node{Name: "identity CN=" + f.name, Detail: "name = serial", Stands: stands("config.write")}
	}
	return p
}

func (f *fakeSetup) Rows(context.Context) ([]steps.Row, error) {
	f.calls.Add(1)
	duration := cmp.Or(f.defaults["session.duration"], "3600")
	return []steps.Row{
		{Asked: steps.Asked{Step: steps.StepCA, Question: steps.Question{Key: "ca.key", Kind: steps.Choose, Ask: "Key of the CA", Why: "P-256 is small and fast, and everything reads it."},
			Default: "p-256", Choices: []steps.Choice{{Value: "p-256", Label: "P-256"}, {Value: "rsa-2048", Label: "RSA 2048"}}}, Value: "p-256"},
		{Asked: steps.Asked{Step: steps.StepRole, Question: steps.Question{Key: "session.duration", Kind: steps.Text, Ask: "Life of a session, in seconds", Why: "From 900 to 43200; longer than an hour needs the role's consent."},
			Default: "3600"}, Value: duration, Changed: duration != "3600"},
		{Asked: steps.Asked{Step: steps.StepCertificate, Question: steps.Question{Key: "leaf.organization", Kind: steps.Text, Ask: "Organisation in the certificate", Why: "Becomes O= of the subject."}}},
		{Asked: steps.Asked{Step: steps.StepConfig, Question: steps.Question{Key: "aws.profile", Kind: steps.Text, Ask: "AWS config profile", Why: "The section of ~/.aws/config."}}, Value: f.name},
	}, nil
}

func (f *fakeSetup) Plan(context.Context) (steps.Plan, error) {
	f.calls.Add(1)
	f.plans++
	var left []steps.Change
	for _, c := range f.changes {
		if !strings.Contains(strings.Join(f.applied, " "), c.ID) {
			left = append(left, c)
		}
	}
	return steps.Plan{Setup: "laptop", Account: "111122223333", Region: "eu-west-1", Changes: left, Notes: f.notes}, nil
}

func (f *fakeSetup) Apply(ctx context.Context, plan steps.Plan, accept []string, show func(steps.Event)) error {
	f.calls.Add(1)
	f.accepted = accept
	for _, c := range plan.Changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		show(steps.Event{Kind: steps.Started, Change: c})
		if d := f.slow[c.ID]; d > 0 {
			show(steps.Event{Kind: steps.Waiting, Change: c, Note: "IAM spreads the new role; usually 5 to 15 s"})
			time.Sleep(d)
		}
		if err := f.broken[c.ID]; err != nil {
			delete(f.broken, c.ID)
			err = &steps.ChangeError{Change: c, Err: err}
			show(steps.Event{Kind: steps.Failed, Change: c, Err: err, Elapsed: 400 * time.Millisecond})
			return err
		}
		f.applied = append(f.applied, c.ID)
		show(steps.Event{Kind: steps.Finished, Change: c, Elapsed: 400 * time.Millisecond})
	}
	proof := steps.Change{ID: "session.proof", Step: "session", Noun: "proof", Name: "First session"}
	show(steps.Event{Kind: steps.Started, Change: proof})
	show(steps.Event{Kind: steps.Proved, Change: proof, Elapsed: time.Second, Evidence: f.Summary().Evidence[:1]})
	return nil
}

func (f *fakeSetup) Summary() Summary {
	f.calls.Add(1)
	return Summary{
		Says: f.name + " has AWS credentials, and no key that lives longer than an hour.",
		Evidence: []steps.Evidence{
			{Label: "you are", Value: "arn:aws:sts::111122223333:assumed-role/anywhere-laptop-7f3a91c2/4f00a1b2c3d4e5f60718293a4b5c6d7e"},
			{Label: "session name", Value: "4f00a1b2c3d4e5f60718293a4b5c6d7e", Note: "the certificate's serial, not its CN"},
			{Label: "identity", Value: "CN=" + f.name, Note: "in CloudTrail: sourceIdentity"},
			{Label: "refused", Value: "CN=somebody-else, same CA", Note: "as it should be"},
		},
		Try: []Try{
			{"try", []string{"aws", "s3", "ls", "--profile", "laptop"}},
			{"check", []string{"anywhere", "doctor", "laptop"}},
			{"undo", []string{"anywhere", "teardown", "laptop"}},
		},
	}
}

// oneQuestion asks one thing; without a setup behind it, it panics.
type oneQuestion struct {
	*fakeSetup
	asked steps.Asked
}

func (o *oneQuestion) Next(context.Context) (*steps.Asked, error) {
	o.calls.Add(1)
	return &o.asked, nil
}

// checkingSetup can also judge while somebody types.
type checkingSetup struct{ *fakeSetup }

func (checkingSetup) Check(key, value string) error { return fakeCheck(key, value) }

// fakeTeardown has one thing of each kind.
type fakeTeardown struct {
	calls    atomic.Int32
	name     string
	typed    string
	broken   error // what Remove says once
	removed  int
	accepted []string
}

func (f *fakeTeardown) Header() Header {
	f.calls.Add(1)
	return Header{Setup: "laptop", Mode: "sandbox", Region: "us-east-1"}
}
func (f *fakeTeardown) Typed() string { f.calls.Add(1); return f.typed }

func (f *fakeTeardown) List(context.Context) (steps.Takedown, error) {
	f.calls.Add(1)
	return steps.Takedown{Setup: "laptop", Removals: []steps.Removal{
		{Made: steps.Made{Change: "profile.create", Noun: "Roles Anywhere profile", Name: "anywhere-laptop-7f3a91c2"}, Detail: "disabled first"},
		{Made: steps.Made{Change: "anchor.create", Noun: "trust anchor", Name: "anywhere-laptop-7f3a91c2"}, Gone: true},
		{Made: steps.Made{Change: "role.create", Noun: "role", Name: "anywhere-laptop-7f3a91c2"}, Keep: "policy " + f.name + " is not ours",
			Commands: []steps.Command{{Args: []string{"aws", "iam", "delete-role-policy", "--role-name", "anywhere-laptop-7f3a91c2", "--policy-name", f.name}}}},
		{Made: steps.Made{Change: "config.write", Noun: "~/.aws/config", Name: "[profile laptop]"}, Keep: "a line in it is not ours", Partly: true},
		{Made: steps.Made{Change: "ca.create", Noun: "CA and key", Name: "~/.anywhere/ca/7f3a91c2"}, Keep: "nobody can issue with it again once it is gone", Ours: true},
	}, Stays: []string{"Sessions already issued live until 11:42:07."}}, nil
}

func (f *fakeTeardown) Remove(_ context.Context, list steps.Takedown, accept []string, show func(steps.Event)) error {
	f.calls.Add(1)
	f.accepted = accept
	for _, r := range list.Removals {
		if !goes(r, accept) {
			continue
		}
		c := steps.Change{ID: r.Made.Change, Verb: steps.Remove, Noun: r.Made.Noun, Name: r.Made.Name}
		show(steps.Event{Kind: steps.Started, Change: c})
		if err := f.broken; err != nil {
			f.broken = nil
			return &steps.ChangeError{Change: c, Err: err}
		}
		f.removed++
		show(steps.Event{Kind: steps.Finished, Change: c, Elapsed: 100 * time.Millisecond})
	}
	return nil
}

func (f *fakeTeardown) Summary() Summary {
	f.calls.Add(1)
	return Summary{Says: "laptop is taken down, but for one thing.", Warn: true,
		Evidence: []steps.Evidence{{Label: "stays", Value: "role anywhere-laptop-7f3a91c2", Note: "policy " + f.name + " is not ours"}},
		Try:      []Try{{"remove it", []string{"aws", "iam", "delete-role", "--role-name", "anywhere-laptop-7f3a91c2"}}}}
}

func (s *skippingSetup) Optional(e steps.Event) time.Duration {
	if e.Kind == steps.Waiting {
		return 15 * time.Minute
	}
	return 0
}

func (s *skippingSetup) CutShort() { s.skipped <- struct{}{} }

// diagnosedSetup knows that the doctor knows more.
type diagnosedSetup struct{ *fakeSetup }

func (diagnosedSetup) Doctor(error) []string { return []string{"doctor", "laptop"} }

func toSetUp(f *fakeSetup) flow { return road{checkingSetup{f}, time.Now} }

// toTheEnd takes every default and approves.
func toTheEnd(s *terminal) {
	s.press("enter", "enter")
	s.passGrace()
	s.press("enter")
}
