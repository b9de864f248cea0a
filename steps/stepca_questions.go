package steps

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// How a step-ca knows that a first certificate may be issued.
const (
	byPassword = "password"
	byToken    = "token"
)

func stepCAQuestions() []Question {
	stepCA := issuerIs(issuerStepCA)
	by := func(how string) func(*Env) bool {
		return func(e *Env) bool { return first(stepCA)(e) && e.Get("stepca.by") == how }
	}
	return []Question{
		{
			Key: "stepca.by", Ask: "What do you have from the step-ca?", Kind: Choose, Row: true, AskWhen: first(stepCA), Applies: stepCA, Example: byPassword,
			Why:     "The CA must know that this machine may ask. The password of a provisioner (whom the CA lets vouch for machines) makes a token here, again and again; a token from its owner is good for this machine alone, once, for minutes.",
			Choices: stepCAWays, Default: stepCAWay,
		},
		{
			Key: "stepca.token", Ask: "One-time token", Kind: Secret,
			Why:     "What step ca token NAME prints, or an administrator sent. It is saved nowhere.",
			Applies: by(byToken), Valid: validToken, Exists: always,
		},
		{
			Key: "stepca.url", Ask: "Address of the step-ca", Kind: Text, Example: "https://ca.example.com:9000",
			Why: "Where it answers, with its port. Only https is spoken with it, and only with the CA whose fingerprint comes next.", Applies: stepCA, Valid: validHTTPS,
		},
		{
			Key: "stepca.fingerprint", Ask: "Fingerprint of its root certificate", Kind: Text, Example: strings.Repeat("ab", 32),
			Why:     "By this alone the CA is known, so that no other server gets to see anything. step certificate fingerprint root_ca.crt prints it there.",
			Applies: stepCA, Valid: validFingerprint,
		},
		{
			Key: "stepca.provisioner", Ask: "JWK provisioner", Kind: Text, Row: true, Example: "admin@example.com",
			Why: "Whom the CA lets vouch for machines: a name of step ca provisioner list. Empty takes the only one there is.", Applies: by(byPassword), Default: fixed(""),
		},
		{
			Key: "stepca.password", Ask: "Password of the provisioner", Kind: Secret,
			Why: "Opens the provisioner's key for one token. It is saved nowhere and not needed again.", Applies: by(byPassword), Valid: validNotEmpty, Exists: always,
		},
	}
}

func stepCAWays(*Env) []Choice {
	return []Choice{
		{byPassword, "the password of a provisioner", "a token is made here and used at once"},
		{byToken, "a one-time token", "for this machine's name, made by somebody else"},
	}
}

// stepCAWay: who gives a token in advance means it.
func stepCAWay(e *Env) (string, bool) {
	if e.Answered("stepca.token") {
		return byToken, true
	}
	return byPassword, true
}

// claims are what a token says of itself. Whether they are true is for the CA to
// judge; here they save questions and name mistakes early.
type claims struct {
	Sub string          `json:"sub"`
	SHA string          `json:"sha"` // fingerprint of the root
	Exp int64           `json:"exp"` // seconds since 1970
	Aud json.RawMessage `json:"aud"` // one, or a list (RFC 7519 section 4.1.3)
}

func (c claims) audience() string {
	var one string
	var list []string
	if json.Unmarshal(c.Aud, &one) != nil && json.Unmarshal(c.Aud, &list) == nil && len(list) > 0 {
		one = list[0]
	}
	return one
}

// readToken takes the claims out of a JWT (RFC 7519) without checking who signed
// it. No error quotes the token.
func readToken(text string) (claims, error) {
	parts := strings.Split(strings.TrimSpace(text), ".")
	var c claims
	if len(parts) != 3 {
		return c, errors.New("is no one-time token: three parts with dots between them are expected")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return c, errors.New("is no one-time token: its middle part cannot be read")
	}
	return c, nil
}

func validToken(e *Env, text string) error {
	c, err := readToken(text)
	if err != nil {
		return err
	}
	if end := time.Unix(c.Exp, 0); c.Exp != 0 && !end.After(e.World.Now()) {
		return fmt.Errorf("expired at %s; ask for another one", end.UTC().Format("15:04 MST on 2 January"))
	}
	if e.Answered("leaf.cn") && c.Sub != e.answers.given["leaf.cn"] {
		return fmt.Errorf("is for %q, and this machine is to be called %q", c.Sub, e.answers.given["leaf.cn"])
	}
	return nil
}

// spreadToken answers what the token knows. The token is saved nowhere, so its
// words are kept as answers of their own.
func (r *Runner) spreadToken() {
	c, err := readToken(r.answers.given["stepca.token"])
	if err != nil {
		return
	}
	for key, value := range map[string]string{
		"stepca.url": strings.TrimSuffix(c.audience(), "/1.0/sign"), "stepca.fingerprint": c.SHA, "leaf.cn": c.Sub,
	} {
		if _, given := r.answers.given[key]; !given && value != "" {
			r.answers.given[key] = value
		}
	}
}
