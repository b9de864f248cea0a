package main

import (
	"path/filepath"
	"strconv"
	"strings"

	"anywhere/pki"
	"anywhere/pki/foreign"
	"anywhere/steps"
	"anywhere/tui"
)

// Picture is the chain of trust as far as the answers know it, and what of it
// stands.
func (w *wizard) Picture() tui.Picture {
	e := w.runner.Env()
	if e.Setup == "" || e.Site == nil {
		return unknownPicture()
	}
	p := tui.Picture{
		CA:          w.authorityNode(e),
		Certificate: tui.Node{Key: "leaf.cn", Detail: pki.KeyKind(e.Get("leaf.key")).Words() + ", " + lifeInWords(e.Get("leaf.life")), Check: "dates, digitalSignature, CA:FALSE, issuer"},
		Anchor:      tui.Node{Name: e.Setup, Check: "is enabled and holds the CA"},
	}
	if root := e.Get("ca.root-cn"); root != "" {
		p.Root = tui.Node{Key: "ca.root-cn", Name: root, Detail: lifeInWords(e.Get("ca.root-life")), Check: "its key is put away; AWS gets its certificate"}
	}
	if lender := e.Get("leaf.setup"); e.Get("ca.issuer") == "" {
		p.CA.Stands, p.Certificate.Detail = true, "of set-up "+lender
	}
	if arn := e.Get("anchor.arn"); arn != "new" {
		p.Anchor.Name, p.Anchor.Stands = arn, true
	}
	cn := e.Get("leaf.cn")
	if own := e.Get("leaf.certificate"); own != "" {
		p.Certificate.Key, p.Certificate.Detail = "leaf.certificate", fileInWords(e, own)
	} else if e.Get("ca.issuer") == "files" {
		p.Certificate.Detail = ""
	}
	if !e.Answered("leaf.cn") && e.Get("ca.issuer") != "" && (e.Get("ca.issuer") != "files" || cn == "") {
		return w.standing(p)
	}
	p.Certificate.Name = cn
	p.Profile = tui.Node{Name: e.Setup, Detail: lifeInWords(e.Get("session.duration") + "s"), Check: "is enabled and lists the role"}
	p.Role = tui.Node{Name: e.Setup, Check: "trust policy: SourceArn is the trust anchor" + restriction(e)}
	p.Session = tui.Node{Name: "identity CN=" + cn, Detail: "name = serial"}
	if arn := e.Get("rolesanywhere-profile.arn"); arn != "" {
		p.Profile.Name, p.Profile.Stands = arn, true
	}
	if arn := e.Get("role.arn"); arn != "" {
		p.Role.Name, p.Role.Stands = arn, true
	}
	return w.standing(p)
}

// unknownPicture has no names yet, and says all the same what AWS will check.
func unknownPicture() tui.Picture {
	return tui.Picture{
		CA:          tui.Node{Check: "its key stays here; AWS gets its certificate"},
		Certificate: tui.Node{Check: "dates, digitalSignature, CA:FALSE, issuer"},
		Anchor:      tui.Node{Check: "is enabled and holds the CA"},
		Profile:     tui.Node{Check: "is enabled and lists the role"},
		Role:        tui.Node{Check: "its trust policy agrees"},
	}
}

// authorityNode is the CA: one that is made, or a file that exists.
func (w *wizard) authorityNode(e *steps.Env) tui.Node {
	if file := e.Get("ca.certificate"); file != "" {
		if own := e.Get("leaf.certificate"); own != "" && !e.Answered("ca.certificate") {
			file = own // it was found there
		}
		return tui.Node{Name: e.CAName(), Detail: fileInWords(e, file), Stands: true}
	}
	if e.Get("ca.issuer") == "" {
		return tui.Node{Name: e.CAName()}
	}
	if e.Get("ca.issuer") != "own" {
		return tui.Node{Name: e.CAName(), Check: "its key is not here; AWS gets its certificate"}
	}
	return tui.Node{Key: "ca.cn", Name: e.Get("ca.cn"), Detail: pki.KeyKind(e.Get("ca.key")).Words() + ", " + lifeInWords(e.Get("ca.life")),
		Check: "its key stays here; AWS gets its certificate"}
}

// fileInWords is the name of a file, where it is the user's: nobody knows those that
// keep what was pasted.
func fileInWords(e *steps.Env, file string) string {
	if e.Kept(file) {
		return ""
	}
	return filepath.Base(file)
}

// restriction says in the trust policy's own words whom the role lets in.
func restriction(e *steps.Env) string {
	kind := e.Get("role.restrict")
	key, ok := map[string]string{"cn": "leaf.cn", "ou": "leaf.ou", "san-dns": "leaf.san-dns", "san-uri": "leaf.san-uri"}[kind]
	if !ok {
		return ""
	}
	return ", " + strings.ToUpper(strings.TrimPrefix(kind, "san-")) + " is " + e.Get(key)
}

// standing marks what has been made, with the names that it got.
func (w *wizard) standing(p tui.Picture) tui.Picture {
	e := w.runner.Env()
	if _, made := e.Has("ca.create"); made {
		p.Root.Stands = true
	}
	for change, node := range map[string]*tui.Node{
		"ca.create": &p.CA, "certificate.issue": &p.Certificate, "trust-anchor.create": &p.Anchor,
		"role.create": &p.Role, "rolesanywhere-profile.create": &p.Profile,
	} {
		made, ok := e.Has(change)
		if !ok {
			continue
		}
		node.Stands = true
		if serial := made.Values["certificate.serial"]; serial != "" {
			node.Detail = "serial " + foreign.Short(serial, 13)
		}
		if node != &p.CA && node != &p.Certificate {
			node.Name = made.Name
		}
	}
	p.Session.Stands = e.First.AccessKeyID != ""
	return p
}

// lifeInWords is an answer such as 90d in words; one in another form as it is.
func lifeInWords(text string) string {
	for _, unit := range []struct {
		sign, one string
	}{{"y", "year"}, {"d", "day"}, {"h", "hour"}, {"m", "minute"}, {"s", "second"}} {
		digits, ok := strings.CutSuffix(text, unit.sign)
		n, err := strconv.Atoi(digits)
		switch {
		case !ok || err != nil:
			continue
		case unit.sign == "s" && n%3600 == 0:
			return lifeInWords(strconv.Itoa(n/3600) + "h")
		case unit.sign == "s" && n%60 == 0:
			return lifeInWords(strconv.Itoa(n/60) + "m")
		case n == 1:
			return "1 " + unit.one
		}
		return strconv.Itoa(n) + " " + unit.one + "s"
	}
	return text
}

// Commands are what an answer leads to on a command line.
func (w *wizard) Commands(key, value string) []steps.Command { return w.runner.Commands(key, value) }
