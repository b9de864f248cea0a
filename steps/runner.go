package steps

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"anywhere/signer"
	"anywhere/signer/keystore"
)

// Runner walks one set-up along the road. It is not safe for concurrent use.
//
// The state of the wizard is the set of answers: [Runner.Next] works out the
// next question from them, so the full screen, line prompts, flags and an
// answers file are four ways to call [Runner.Answer].
type Runner struct {
	env     *Env
	journal *Journal
	answers *Answers
	held    held
	caKey   crypto.Signer                              // in memory only, between making the authority and issuing
	opened  string                                     // the AWS config profile that the site was opened by
	loaded  string                                     // the set-up whose journal and answers are loaded
	keep    func(setup string, got signer.Credentials) // of the renewal at work; nil drops sessions
}

// NewRunner begins with answers given in advance, which are not asked. A key
// that no question has is an [*UnknownKeyError]; a value that cannot stand,
// whatever AWS says, is an [*InvalidError].
func NewRunner(world World, road []Step, given map[string]string) (*Runner, error) {
	r := &Runner{answers: NewAnswers(nil), held: held{}}
	world.Machine.ReadFile = r.held.over(world.Machine.ReadFile)
	r.env = &Env{World: world, answers: r.answers, road: road, held: r.held}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		q := r.env.question(key)
		if q == nil {
			return nil, &UnknownKeyError{key}
		}
		r.answers.given[key] = r.env.whole(q, given[key])
	}
	r.spreadToken()
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if err := r.check(r.env.question(key), r.answers.given[key]); err != nil {
			return nil, err // before any AWS is opened: bad input changes nothing, not even the sandbox
		}
	}
	return r, nil
}

// Env is what the runner has seen so far; for printing, not for changing.
func (r *Runner) Env() *Env { return r.env }

// question finds a question by key; nil if there is none.
func (e *Env) question(key string) *Question {
	for i := range e.road {
		for k := range e.road[i].Asks {
			if e.road[i].Asks[k].Key == key {
				return &e.road[i].Asks[k]
			}
		}
	}
	return nil
}

// Get is the answer to a question or else its default; empty if it has neither
// or does not apply.
func (e *Env) Get(key string) string {
	q := e.question(key)
	if q == nil {
		panic("steps: no such question: " + key)
	}
	if q.Applies != nil && !q.Applies(e) {
		return ""
	}
	if value, ok := e.answers.given[key]; ok {
		return value
	}
	if q.Default != nil {
		value, _ := q.Default(e)
		return value
	}
	return ""
}

// Answered says whether the question was answered, not left to its default.
func (e *Env) Answered(key string) bool {
	_, ok := e.answers.given[key]
	return ok
}

// Next returns the next question that applies and has no answer; nil if all are
// answered. An answer that was given in advance and cannot stand is an
// [*InvalidError].
func (r *Runner) Next(ctx context.Context) (*Asked, error) { return r.next(ctx, nil) }

// next is Next, passing over some questions, whose answers are a stand-in.
func (r *Runner) next(ctx context.Context, skipped map[string]bool) (*Asked, error) {
	for _, step := range r.env.road {
		for i := range step.Asks {
			q := &step.Asks[i]
			if q.Applies != nil && !q.Applies(r.env) {
				continue
			}
			if skipped[q.Key] {
				continue
			}
			value, ok := r.answers.given[q.Key]
			if !ok && q.isAsked(r.env) {
				a := r.ask(step.ID, q)
				return &a, nil
			}
			if ok {
				if err := r.check(q, value); err != nil {
					return nil, err
				}
			}
			if err := r.arrive(ctx, q.Key); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// isAsked says whether the question is asked now, or stands as a row.
func (q *Question) isAsked(e *Env) bool {
	return !q.Row || q.AskWhen != nil && q.AskWhen(e)
}

// ask works out everything about a question as it stands now.
func (r *Runner) ask(step ID, q *Question) Asked {
	a := Asked{Question: *q, Step: step}
	if q.Words != nil {
		ask, why := q.Words(r.env)
		a.Ask, a.Why = cmp.Or(ask, a.Ask), cmp.Or(why, a.Why)
	}
	if last, ok := r.answers.last[q.Key]; ok {
		a.Default = last
	} else if q.Default != nil {
		a.Default, _ = q.Default(r.env)
	}
	if q.Choices != nil {
		a.Choices = q.Choices(r.env)
	}
	a.Once = q.Exists != nil && q.Exists(r.env)
	a.Commands = r.Commands(q.Key, a.Default)
	return a
}

// check says why value cannot answer q.
func (r *Runner) check(q *Question, value string) error {
	invalid := func(err error) error {
		shown := value
		if q.Kind == Secret {
			shown = ""
		}
		return &InvalidError{Key: q.Key, Value: shown, Err: err}
	}
	if strings.ContainsAny(value, "\n\r\x00") && q.Kind != Secret {
		return invalid(errors.New("must be one line"))
	}
	switch {
	case q.Kind == YesNo && value != "yes" && value != "no":
		return invalid(errors.New("must be yes or no"))
	case q.Kind == Choose && q.Choices != nil:
		var values []string
		for _, c := range q.Choices(r.env) {
			values = append(values, c.Value)
		}
		switch {
		case slices.Contains(values, value):
			return nil
		case q.Valid == nil:
			return invalid(fmt.Errorf("must be one of %s", strings.Join(values, ", ")))
		}
		if err := q.Valid(r.env, value); err != nil {
			return invalid(err)
		}
		return nil
	}
	if q.Valid != nil {
		if err := q.Valid(r.env, value); err != nil && !errors.Is(err, errUnread) {
			return invalid(err)
		}
	}
	return nil
}

// Answer takes the answer to a question or a new value for a row. On an
// [*InvalidError] nothing has changed.
func (r *Runner) Answer(ctx context.Context, key, value string) error {
	q := r.env.question(key)
	if q == nil {
		return &UnknownKeyError{key}
	}
	if q.Clean != nil {
		value = q.Clean(value)
	} else if q.Kind != Secret {
		value = strings.TrimSpace(value)
	}
	value = r.env.whole(q, value)
	if err := r.check(q, value); err != nil {
		return err
	}
	asked := q.isAsked(r.env)
	r.answers.given[key] = value
	if key == "stepca.token" {
		r.spreadToken()
	}
	if asked {
		r.answers.said = append(r.answers.said, key)
	}
	if err := r.arrive(ctx, key); err != nil {
		delete(r.answers.given, key)
		r.answers.said = slices.DeleteFunc(r.answers.said, func(k string) bool { return k == key })
		return err
	}
	r.answers.here, r.answers.changed = true, append(r.answers.changed, key)
	return nil
}

// Check says why value cannot answer a question; it changes nothing and asks
// nobody.
func (r *Runner) Check(key, value string) error {
	q := r.env.question(key)
	if q == nil {
		return &UnknownKeyError{key}
	}
	r.env.typing = q.Kind == File
	defer func() { r.env.typing = false }()
	return r.check(q, r.env.whole(q, strings.TrimSpace(value)))
}

// whole is the path of a file from the root: what is answered in one directory is
// read again in another.
func (e *Env) whole(q *Question, value string) string {
	if q.Kind != File || value == "" || keystore.Device(value) != "" || strings.ContainsAny(value, "\n\r\x00") || e.World.Machine.Abs == nil {
		return value
	}
	return e.World.Machine.Abs(value)
}

// Back takes the last answer of this run away; it becomes the default. False if
// there is none.
func (r *Runner) Back() bool {
	if len(r.answers.said) == 0 {
		return false
	}
	key := r.answers.said[len(r.answers.said)-1]
	r.answers.said = r.answers.said[:len(r.answers.said)-1]
	r.answers.last[key] = r.answers.given[key]
	delete(r.answers.given, key)
	switch key {
	case "where", keyAWSProfile:
		r.env.Site, r.env.AWS = nil, nil
	case "name":
		r.unload()
	}
	return true
}

// Headless answers every open question by its default, as --yes does, or
// returns a [*MissingError] that names all that have none.
func (r *Runner) Headless(ctx context.Context, defaults bool) error {
	var missing []Asked
	skipped := map[string]bool{}
	for {
		a, err := r.nextBut(ctx, skipped)
		if err != nil {
			return err
		}
		if a == nil {
			break
		}
		byDefault := a.Headless
		if byDefault == nil {
			byDefault = a.Question.Default
		}
		if value, ok := tryDefault(byDefault, r.env); ok && defaults {
			err := r.Answer(ctx, a.Key, value)
			if err == nil {
				continue
			}
			if _, cannot := errors.AsType[*InvalidError](err); !cannot {
				return err
			} // the default will not do here: somebody must say
		}
		missing = append(missing, *a)
		skipped[a.Key] = true
		if a.Key == "where" || a.Key == keyAWSProfile {
			break // everything after it depends on it
		}
	}
	if len(missing) > 0 {
		return &MissingError{missing}
	}
	return nil
}

func tryDefault(f func(*Env) (string, bool), e *Env) (string, bool) {
	if f == nil {
		return "", false
	}
	return f(e)
}

// nextBut is Next, passing over questions that nobody answers. What depends on
// them cannot be known yet and is not asked.
func (r *Runner) nextBut(ctx context.Context, skipped map[string]bool) (*Asked, error) {
	for key := range skipped {
		r.answers.given[key] = "" // a stand-in, so that Next goes on
	}
	defer func() {
		for key := range skipped {
			delete(r.answers.given, key)
		}
	}()
	return r.next(ctx, skipped)
}

// Rows returns the review's rows: every question that has been answered or
// stands by its default.
func (r *Runner) Rows(context.Context) ([]Row, error) {
	var rows []Row
	for _, step := range r.env.road {
		for i := range step.Asks {
			q := &step.Asks[i]
			if q.Key == "where" || q.Key == keyAWSProfile || q.Key == "name" || q.Kind == Secret || q.Applies != nil && !q.Applies(r.env) {
				continue
			}
			byDefault, _ := tryDefault(q.Default, r.env)
			value := r.env.Get(q.Key)
			rows = append(rows, Row{Asked: r.ask(step.ID, q), Value: value, Changed: value != byDefault})
		}
	}
	return rows, nil
}
