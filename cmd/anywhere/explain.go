package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"anywhere/doctor"
	"anywhere/pki/foreign"
)

const explainLong = `Explains a code of the doctor, a certificate file, or any pasted error output of
the AWS CLI, an SDK, kubelet, openssl or a signing helper: what it means, what it
can come from, likeliest first, and what to do. It asks nobody; time stamps, ARNs
and request IDs around the sentence do not matter.

Exit codes: 0 something fits, or the file is known; 1 nothing does; 2 there is no
such code or file.`

// maxExplained bounds what is read, in bytes; of a long log the end counts.
const maxExplained = 64 << 20

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

// answer is what is known of what was given.
type answer struct {
	SchemaVersion int            `json:"schemaVersion"`
	About         []string       `json:"about,omitempty"` // what a file is, a sentence each
	Matches       []doctor.Match `json:"matches"`
}

func (a *app) explain(text string, asJSON bool) error {
	found, err := a.explained(text)
	if err != nil {
		return err
	}
	found.SchemaVersion = schemaVersion
	if asJSON {
		err := printJSON(a.stdout, found)
		if err != nil || len(found.Matches)+len(found.About) > 0 {
			return err
		}
		return &silent{exitFailed}
	}
	if len(found.Matches)+len(found.About) == 0 {
		return &hinted{fmt.Errorf("explain: nothing known fits this text"), "anywhere doctor looks at the machine itself"}
	}
	a.printAnswer(found)
	return nil
}

// explained tells apart what was given: a code, "-", a file or a text.
func (a *app) explained(text string) (answer, error) {
	code := strings.ToUpper(strings.TrimSpace(text))
	if len(code) == 5 && strings.HasPrefix(code, "RA") && strings.Trim(code[2:], "0123456789") == "" {
		if _, known := doctor.Entry(doctor.Code(code)); !known {
			return answer{}, &usageError{"no such code: " + code, "docs/codes.md lists the codes"}
		}
		return answer{Matches: doctor.Explain(code)}, nil
	}
	if text == "-" {
		data, err := io.ReadAll(io.LimitReader(a.stdin, maxExplained))
		if err != nil {
			return answer{}, fmt.Errorf("read standard input: %w", err)
		}
		return a.explainData(data, "standard input"), nil
	}
	info, err := os.Stat(text)
	if err == nil && info.Mode().IsRegular() {
		file, err := os.Open(text)
		if err != nil {
			return answer{}, err
		}
		defer file.Close()
		data, err := io.ReadAll(io.LimitReader(file, maxExplained))
		if err != nil {
			return answer{}, fmt.Errorf("read %s: %w", text, err)
		}
		return a.explainData(data, text), nil
	}
	matches := doctor.Explain(text)
	if len(matches) == 0 && !strings.ContainsAny(text, " \n") && strings.ContainsAny(text, "./") {
		return answer{}, &usageError{"there is no file " + text, "anywhere explain takes a code, a file, a text in quotes, or - for standard input"}
	}
	return answer{Matches: matches}, nil
}

// printAnswer writes the first cause whole and the others in two lines each.
func (a *app) printAnswer(found answer) {
	for _, line := range found.About {
		fmt.Fprintln(a.stdout, foreign.Text(line))
	}
	if len(found.Matches) == 0 {
		return
	}
	if len(found.About) > 0 {
		fmt.Fprintln(a.stdout)
	}
	first := found.Matches[0]
	if first.Confidence <= doctor.Guessed && len(found.About) == 0 {
		fmt.Fprint(a.stdout, "No sentence in this is known. By its words it may be about:\n\n")
	}
	fmt.Fprintf(a.stdout, "%s  %s\n", first.Code, first.Fault)
	if first.Means != "" {
		fmt.Fprintf(a.stdout, "  means: %s\n", foreign.Text(first.Means))
	}
	fmt.Fprintf(a.stdout, "  why:   %s\n  fix:   %s\n  see:   %s\n", first.Why, first.Fix, first.Source)
	if len(found.Matches) == 1 {
		return
	}
	fmt.Fprintln(a.stdout, map[bool]string{true: "\nAlso:", false: "\nIt can also be:"}[len(found.About) > 0])
	for _, m := range found.Matches[1:] {
		fmt.Fprintf(a.stdout, "  %s  %s\n", m.Code, m.Fault)
		if len(found.About) > 0 {
			fmt.Fprintf(a.stdout, "         %s\n", foreign.Text(m.Means))
		}
		fmt.Fprintf(a.stdout, "         %s\n", m.Fix)
	}
	if len(found.About) == 0 {
		fmt.Fprintln(a.stdout, "\nThe text alone does not tell these apart; anywhere doctor looks at the machine and at AWS.")
	}
}
