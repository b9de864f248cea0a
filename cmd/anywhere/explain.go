package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"anywhere/doctor"
	"anywhere/pki/decode"
	"anywhere/pki/foreign"
)

const explainLong = `Explains a code of the doctor, a certificate file, or any pasted error output of
the AWS CLI, an SDK, kubelet, openssl or a signing helper: what it means, what it
can come from, likeliest first, and what to do. It asks nobody; time stamps, ARNs
and request IDs around the sentence do not matter.

Exit codes: 0 something fits; 1 nothing does.`

func (a *app) explainCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "explain CODE | FILE | TEXT | -", Short: "Say what a code or an error message means", Long: explainLong,
		Example: "  anywhere explain RA113\n  anywhere explain leaf.pem\n  anywhere explain 'Unable to assume role for arn:aws:iam::...'\n  aws s3 ls 2>&1 | anywhere explain -",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"explain wants a code, a file or a text", "anywhere explain RA113; or pipe a message into anywhere explain -"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			err := a.explain(strings.Join(args, " "), asJSON)
			if err != nil && asJSON && !isType[*silent](err) {
				return joinFailure(a.stdout, err)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return cmd
}

// joinFailure prints the failure as JSON and keeps the exit code.
func joinFailure(w io.Writer, err error) error {
	if printed := printFailureJSON(w, err); printed != nil {
		return printed
	}
	return &silent{exitOf(err)}
}

func (a *app) explain(text string, asJSON bool) error {
	matches, err := a.explained(text)
	if err != nil {
		return err
	}
	if asJSON {
		err := printJSON(a.stdout, struct {
			SchemaVersion int            `json:"schemaVersion"`
			Matches       []doctor.Match `json:"matches"`
		}{schemaVersion, matches})
		if err != nil || len(matches) > 0 {
			return err
		}
		return &silent{exitFailed}
	}
	if len(matches) == 0 {
		return &hinted{fmt.Errorf("explain: nothing known fits this text"), "anywhere doctor looks at the machine itself"}
	}
	a.printMatches(matches)
	return nil
}

// explained tells apart what was given: a code, "-", a file or a text.
func (a *app) explained(text string) ([]doctor.Match, error) {
	code := strings.ToUpper(strings.TrimSpace(text))
	if len(code) == 5 && strings.HasPrefix(code, "RA") && strings.Trim(code[2:], "0123456789") == "" {
		if _, known := doctor.Entry(doctor.Code(code)); !known {
			return nil, &usageError{"no such code: " + code, "docs/codes.md lists the codes"}
		}
		return doctor.Explain(code), nil
	}
	if text == "-" {
		data, err := io.ReadAll(io.LimitReader(a.stdin, 1<<20))
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return a.explainData(data, "-"), nil
	}
	if info, err := os.Stat(text); err == nil && info.Mode().IsRegular() {
		file, err := os.Open(text)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		data, err := io.ReadAll(io.LimitReader(file, 1<<20))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", text, err)
		}
		return a.explainData(data, text), nil
	}
	return doctor.Explain(text), nil
}

// explainData looks at certificates as such, and at everything else as text.
func (a *app) explainData(data []byte, name string) []doctor.Match {
	certs, err := decode.Certificates(data)
	if err != nil && !bytes.Contains(data, []byte("-----BEGIN CERTIFICATE-----")) {
		return doctor.Explain(string(data))
	}
	e := doctor.CertificateEvidence(data, name, a.now())
	matches := doctor.ExplainFindings(doctor.Diagnose(e))
	if len(matches) == 0 && len(certs) > 0 {
		matches = doctor.Explain("RA411")
		matches[0].Fault = "" // the names are told, nothing is missed
		matches[0].Means = "nothing is wrong with " + certs[0].Subject.String()
	}
	return matches
}

// printMatches writes the first cause whole and the others in a line each.
func (a *app) printMatches(matches []doctor.Match) {
	first := matches[0]
	fmt.Fprintf(a.stdout, "%s  %s\n", first.Code, cmp.Or(first.Fault, first.Title))
	if first.Means != "" {
		fmt.Fprintf(a.stdout, "  means: %s\n", foreign.Text(first.Means))
	}
	fmt.Fprintf(a.stdout, "  why:   %s\n  fix:   %s\n  see:   %s\n", first.Why, first.Fix, first.Source)
	if len(matches) == 1 {
		return
	}
	fmt.Fprintln(a.stdout, "\nIt can also be:")
	for _, m := range matches[1:] {
		fmt.Fprintf(a.stdout, "  %s  %s\n         %s\n", m.Code, cmp.Or(m.Fault, m.Title), m.Fix)
	}
	fmt.Fprintln(a.stdout, "\nThe text alone does not tell these apart; anywhere doctor looks at the machine and at AWS.")
}
