package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"anywhere/cmd/signing"
	"anywhere/pki/foreign"
	"anywhere/steps"
)

// errEndOfInput: the end of input is never an answer.
var errEndOfInput = &usageError{"read answer: the input ended", "answer in advance with --set, or run with --yes"}

// lineReader asks questions line by line: for screen readers, simple terminals
// and pipes. It writes no escape sequence.
type lineReader struct {
	in    *bufio.Reader
	out   io.Writer
	tty   *os.File // stdin, if it is a terminal; nil otherwise
	asked []string // keys, in order; one that is asked again keeps its number
}

func (a *app) lines() *lineReader {
	l := &lineReader{in: bufio.NewReader(a.stdin), out: a.stderr}
	if f, ok := a.stdin.(*os.File); ok && a.terminal {
		l.tty = f
	}
	return l
}

// read returns one line; at its end input is an error, also after half a line.
func (l *lineReader) read(ctx context.Context) (string, error) {
	type line struct {
		text string
		err  error
	}
	got := make(chan line, 1)
	go func() {
		text, err := l.in.ReadString('\n')
		got <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-got:
		if r.err != nil {
			fmt.Fprintln(l.out) // the prompt's line is still open
			return "", errEndOfInput
		}
		return strings.TrimRight(r.text, "\r\n"), nil
	}
}

// secret asks for a line without showing it, where there is a terminal to show it.
// It asks once nothing is shown any more, as who answers at once would see it.
func (l *lineReader) secret(ctx context.Context, prompt string) (string, error) {
	if l.tty == nil {
		fmt.Fprint(l.out, prompt)
		return l.read(ctx)
	}
	fd := int(l.tty.Fd())
	shown, err := term.GetState(fd)
	if err == nil {
		err = signing.Hide(fd)
	}
	if err != nil {
		return "", fmt.Errorf("read answer: %w", err)
	}
	defer func() {
		_ = term.Restore(fd, shown) // there is nothing else to try
		fmt.Fprintln(l.out)
	}()
	fmt.Fprint(l.out, prompt)
	return l.read(ctx)
}

// number is the place of a question among those that were asked. One that is asked
// again after a wrong answer, or after going back, keeps its own.
func (l *lineReader) number(key string) int {
	at := slices.Index(l.asked, key)
	if at < 0 {
		at = len(l.asked)
	}
	l.asked = append(l.asked[:at:at], key)
	return at + 1
}

// ask prints one question with its reason and returns the answer: a number
// chooses, an empty line takes the default, < goes back.
func (l *lineReader) ask(ctx context.Context, q *steps.Asked) (answer string, back bool, err error) {
	fmt.Fprintf(l.out, "\nQuestion %d: %s\n", l.number(q.Key), foreign.Text(q.Ask))
	if q.Why != "" {
		fmt.Fprintf(l.out, "  %s\n", foreign.Text(q.Why))
	}
	choices := q.Choices
	if q.Kind == steps.YesNo {
		choices = []steps.Choice{{Value: "yes", Label: "yes"}, {Value: "no", Label: "no"}}
	}
	for i, c := range choices {
		note := ""
		if c.Note != "" {
			note = " (" + foreign.Text(c.Note) + ")"
		}
		fmt.Fprintf(l.out, "  %d. %s%s\n", i+1, foreign.Text(c.Label), note)
	}
	for {
		if q.Kind == steps.Secret {
			answer, err = l.askSecret(ctx, q, prompt(q, choices))
			return answer, false, err
		}
		fmt.Fprint(l.out, prompt(q, choices))
		text, err := l.read(ctx)
		if err != nil {
			return "", false, err
		}
		switch text = strings.TrimSpace(text); {
		case text == "<":
			return "", true, nil
		case text == "" && q.Default != "":
			return q.Default, false, nil
		case text == "" && len(choices) > 0:
			fmt.Fprintln(l.out, "  There is no default; type a number.")
			continue
		}
		if n, err := strconv.Atoi(text); err == nil && len(choices) > 0 && q.Kind != steps.List && n >= 1 && n <= len(choices) {
			return choices[n-1].Value, false, nil
		} else if err == nil && len(choices) > 0 && q.Kind != steps.List {
			fmt.Fprintf(l.out, "  There is no %d; type a number from 1 to %d.\n", n, len(choices))
			continue
		}
		return text, false, nil
	}
}

// askSecret asks at a terminal a second time for a secret that is new: nobody sees
// it, and a key under a mistyped one is lost.
func (l *lineReader) askSecret(ctx context.Context, q *steps.Asked, prompt string) (string, error) {
	for {
		text, err := l.secret(ctx, prompt)
		if err != nil || text == "" || q.Once || l.tty == nil {
			return text, err
		}
		again, err := l.secret(ctx, "Once more, to be sure: ")
		if err != nil || again == text {
			return again, err
		}
		fmt.Fprintln(l.out, "  The two are not the same; type it again.")
	}
}

func prompt(q *steps.Asked, choices []steps.Choice) string {
	byDefault := foreign.Text(q.Default)
	for i, c := range choices {
		if c.Value == q.Default {
			byDefault = strconv.Itoa(i + 1)
		}
	}
	if q.Kind == steps.Secret {
		return "Not shown: "
	}
	if byDefault == "" {
		return "Answer, or < to go back: "
	}
	return fmt.Sprintf("Answer, < to go back, or Enter for %s: ", byDefault)
}

// byLine runs the wizard line by line.
func (s *setupRun) byLine(ctx context.Context) error {
	l := s.app.lines()
	fmt.Fprintln(l.out, "anywhere setup, line by line. Every answer is one line; the end of input stops without any change.")
	plan, err := s.planByLine(ctx, l)
	if err != nil {
		s.sayAgain()
		return err
	}
	return s.makeAndTell(ctx, plan, steps.Approval{Accept: s.flags.accept})
}

// planByLine asks until a plan is approved.
func (s *setupRun) planByLine(ctx context.Context, l *lineReader) (steps.Plan, error) {
	for {
		q, err := s.runner.Next(ctx)
		if err != nil {
			return steps.Plan{}, err
		}
		if q == nil {
			return s.reviewByLine(ctx, l)
		}
		answer, back, err := l.ask(ctx, q)
		if err != nil {
			return steps.Plan{}, err
		}
		if back {
			if !s.runner.Back() {
				fmt.Fprintln(l.out, "  This is the first question.")
			}
			continue
		}
		if err := s.answerByLine(ctx, l, q, answer); err != nil {
			if invalid, ok := errors.AsType[*steps.InvalidError](err); ok {
				fmt.Fprintf(l.out, "  Not possible: %s\n", foreign.Text(invalid.Err.Error()))
				continue
			}
			return steps.Plan{}, err
		}
	}
}

// answerByLine answers a question with a line, or with a text that begins there.
func (s *setupRun) answerByLine(ctx context.Context, l *lineReader, q *steps.Asked, answer string) (err error) {
	if q.Kind == steps.File && isPaste(answer) {
		if answer, err = s.pastedByLine(ctx, l, q.Key, answer); err != nil {
			return err
		}
	}
	return s.runner.Answer(ctx, q.Key, answer)
}

// pastedByLine reads on from the first line of a file's text to an empty line; the
// end of input before it is an error. It returns the answer that stands for it.
func (s *setupRun) pastedByLine(ctx context.Context, l *lineReader, key, first string) (string, error) {
	fmt.Fprintln(l.out, "  This is the text of a file; an empty line ends it.")
	text := first
	for {
		line, err := l.read(ctx)
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(line) == "" {
			break
		}
		text += "\n" + line
	}
	answer, says, err := s.Hold(key, text)
	if err != nil {
		return "", &steps.InvalidError{Key: key, Err: err}
	}
	fmt.Fprintf(l.out, "  Pasted %s.\n", foreign.Text(says))
	return answer, nil
}

// reviewByLine shows the plan until it is approved; KEY=VALUE edits a row.
func (s *setupRun) reviewByLine(ctx context.Context, l *lineReader) (steps.Plan, error) {
	for {
		plan, err := s.runner.Plan(ctx)
		if err != nil {
			return plan, err
		}
		fmt.Fprintln(l.out)
		printPlanText(l.out, plan)
		if len(plan.Changes) == 0 || s.flags.plan {
			return plan, nil
		}
		fmt.Fprint(l.out, "Type yes to apply, rows to see every setting, KEY=VALUE to change one, no to leave: ")
		text, err := l.read(ctx)
		if err != nil {
			return plan, err
		}
		key, value, edits := strings.Cut(strings.TrimSpace(text), "=")
		switch {
		case edits:
			if err := s.runner.Answer(ctx, strings.TrimSpace(key), strings.TrimSpace(value)); err != nil {
				fmt.Fprintf(l.out, "  Not possible: %s\n", foreign.Text(err.Error()))
			}
		case key == "yes" && l.acceptEach(ctx, s, plan):
			return plan, nil
		case key == "rows":
			rows, err := s.runner.Rows(ctx)
			if err != nil {
				return plan, err
			}
			for _, r := range rows {
				fmt.Fprintf(l.out, "  %s = %s   (%s)\n", r.Key, foreign.Text(r.Value), r.Ask)
			}
		case key == "no":
			return plan, &usageError{"approve plan: the answer was no; nothing was changed", "anywhere setup starts again"}
		}
	}
}

// acceptEach asks for each change for which yes to the plan is not enough.
func (l *lineReader) acceptEach(ctx context.Context, s *setupRun, plan steps.Plan) bool {
	for _, c := range plan.Accepts() {
		fmt.Fprintf(l.out, "%s: %s. Type %s to accept: ", foreign.Text(c.Noun+" "+c.Name), foreign.Text(c.Accept), c.ID)
		if text, err := l.read(ctx); err != nil || strings.TrimSpace(text) != c.ID {
			return false
		}
		s.flags.accept = append(s.flags.accept, c.ID)
	}
	return true
}
