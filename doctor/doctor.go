// Package doctor finds out why a machine gets no credentials from IAM Roles
// Anywhere, or will soon get none.
//
// It works in three stages that never mix. [Gather] looks at everything once,
// concurrently, and keeps what could not be seen as evidence too. [Diagnose]
// judges that evidence by the checks of [Catalogue], which are pure functions, and
// names one cause: what follows from a cause is folded under it. [Report] is
// rendered as text, as JSON or by a screen. [Explain] turns any pasted error
// output into entries of the same catalogue, offline.
//
// It runs nothing that it finds: a credential_process line is taken apart, never
// started. It writes nothing: a fix is a value, which cmd carries out. It knows
// neither the road nor any screen.
package doctor

// Code names a check. A code never changes its meaning and is never used again:
// RA1xx certificate and key, RA2xx Roles Anywhere, RA3xx the role, RA4xx the
// exchange with AWS, RA5xx the AWS config profile and this machine, RA6xx wearing
// out, RA7xx what only [Explain] knows of.
type Code string

// Verdict is the outcome of one check.
type Verdict string

// The verdicts. Unknown means that something could not be seen; it is not a
// failure. Skip means that there is nothing to judge.
const (
	Pass    Verdict = "pass"
	Warn    Verdict = "warn"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
	Skip    Verdict = "skip"
)

// Group is what checks are shown together under.
type Group string

// The groups, in the order in which they are shown.
const (
	GroupKey         Group = "key"
	GroupCertificate Group = "certificate"
	GroupChain       Group = "chain"
	GroupAnchor      Group = "trust anchor"
	GroupProfile     Group = "Roles Anywhere profile"
	GroupRole        Group = "role"
	GroupSession     Group = "session"
	GroupConfig      Group = "AWS config profile"
	GroupAge         Group = "age"
	GroupTopic       Group = "elsewhere"
)

// Groups lists them.
func Groups() []Group {
	return []Group{GroupKey, GroupCertificate, GroupChain, GroupAnchor, GroupProfile, GroupRole, GroupSession, GroupConfig, GroupAge}
}

// Check is one thing that can be right or wrong, and all that is to be said of it.
type Check struct {
	Code   Code
	Group  Group
	Title  string // states health: "Key belongs to the certificate"
	Fault  string // states the fault: "The key is not the certificate's"
	Why    string // why it matters, for somebody new to it
	Fix    string // what to do, in one or two sentences
	Source string // https address of whose rule it is
	// Needs are the checks whose failure explains a failure of this one. They come
	// earlier in the catalogue.
	Needs []Code
	// Refuses says that AWS gives no session while this fails. A session that was
	// got just now proves such a judgement wrong.
	Refuses bool
	// Judge looks at the evidence and nothing else. It is nil for topics, which
	// only [Explain] knows of.
	Judge func(*Patient) Finding
}

// Headline says what is wrong, of a check that failed or warns; else what is right.
func (c Check) Headline(v Verdict) string {
	if c.Fault != "" && (v == Fail || v == Warn) {
		return c.Fault
	}
	return c.Title
}

// Finding is what one check saw.
type Finding struct {
	Verdict  Verdict
	Says     string // what was seen, one sentence without full stop
	Evidence []Seen
	Fix      *Fix // nil: the catalogue's
	// follows is a check whose failure explains this one beyond what the catalogue
	// knows; empty for none.
	follows Code
	// remains says that this is blamed because nothing else is left to blame: where
	// another check names the reason it is no finding at all.
	remains bool
}

// Seen is one value that was looked at. Values are foreign text.
type Seen struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Fix is what to do about a finding.
type Fix struct {
	Text    string `json:"text"`
	Command string `json:"command"` // one line, ready to paste; empty if there is none
	// Automatic says that anywhere doctor --fix does it.
	Automatic bool  `json:"automatic"`
	Edit      *Edit `json:"-"`
}

// Edit is a fix as a value. Exactly one kind is set.
type Edit struct {
	// Chmod gives Path the mode Mode.
	Chmod *Chmod
	// Statement adds the actions to the one statement of our own in the trust
	// policy of a role; it wants its own yes.
	TrustActions *TrustActions
	// Section sets keys in our own section of an AWS config file.
	Section *Section
	// Absent adds our own section, which is gone from the file.
	Absent *AbsentSection
	// ChainOrder sorts the chain in session.json as the signer sorts files.
	ChainOrder bool
}

// Chmod changes the mode of a file of ours.
type Chmod struct {
	Path string
	Mode uint32
}

// TrustActions is a change of a role's trust policy.
type TrustActions struct {
	Role string // name
	Sid  string // of our statement
	Was  string // the document as it was seen: if it is another one by now, stop
	Now  string
}

// Section is a change of one key of our own section.
type Section struct {
	File, Section, Key, Value string
}

// AbsentSection is our own section of an AWS config file, to be added.
type AbsentSection struct {
	File, Section string
	Pairs         [][2]string // keys and values in their order
}

// pass, warn, fail, unknown and skip make findings.
func pass(says string, seen ...Seen) Finding {
	return Finding{Verdict: Pass, Says: says, Evidence: seen}
}
func warn(says string, seen ...Seen) Finding {
	return Finding{Verdict: Warn, Says: says, Evidence: seen}
}
func fail(says string, seen ...Seen) Finding {
	return Finding{Verdict: Fail, Says: says, Evidence: seen}
}
func unknown(says string, seen ...Seen) Finding {
	return Finding{Verdict: Unknown, Says: says, Evidence: seen}
}
func skip(says string) Finding { return Finding{Verdict: Skip, Says: says} }

// orText gives a finding its own words for the way out, if it has no way out yet.
func (f Finding) orText(text string) Finding {
	if f.Fix == nil {
		f.Fix = &Fix{Text: text}
	}
	return f
}

// but adds to what a finding says; nothing adds nothing.
func (f Finding) but(more string) Finding {
	if more != "" {
		f.Says += ": " + more
	}
	return f
}

// with gives a finding its own way out.
func (f Finding) with(text, command string) Finding {
	f.Fix = &Fix{Text: text, Command: command}
	return f
}
