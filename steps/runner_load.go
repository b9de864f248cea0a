package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"anywhere/signer/home"
)

// arrive does what an answer makes possible: with where the AWS is opened, with
// name the earlier run is loaded.
func (r *Runner) arrive(ctx context.Context, key string) error {
	switch key {
	case "where", keyAWSProfile:
		if r.unsaid() {
			return nil
		}
		opened, err := r.openSite(ctx)
		if opened {
			r.env.facts = gatherFacts(ctx, r.env)
		}
		return err
	case "name":
		return r.load(r.answers.given["name"])
	case "ca.certificate-passphrase":
		return r.openBundle()
	case "ca.certificate":
		return r.openAgain()
	case "ca.private-key":
		r.openKeyBeside()
	}
	return nil
}

// openSite leads to the AWS that was answered and says whether it is another one
// than before.
func (r *Runner) openSite(ctx context.Context) (opened bool, err error) {
	where := r.answers.given["where"]
	if r.env.Site != nil && (r.env.Site.Mode == home.ModeSandbox) == (where == "sandbox") && r.opened == r.siteProfile() {
		return false, nil
	}
	site, err := r.env.World.Open(ctx, where, r.siteProfile())
	if err != nil {
		return false, err
	}
	r.opened = r.siteProfile()
	r.env.Site, r.env.AWS, r.env.lists, r.env.facts = site, site.API, lists{}, facts{}
	return true, nil
}

// load reads the journal and the saved answers of a set-up. Answers given now
// win over saved ones; mode, account and Region never change.
func (r *Runner) load(name string) error {
	if r.loaded == name {
		return nil
	}
	place := r.env.World.Home.Setup(name)
	journal, err := OpenJournal(place.JournalFile(), r.env.World.Home.Disk)
	if err != nil {
		return err
	}
	saved := map[string]string{}
	data, err := os.ReadFile(place.AnswersFile())
	if err == nil {
		saved, err = ParseAnswers(data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("load set-up %s: %w", name, err)
	}
	begin := journal.Begin()
	if err := r.sameSite(begin); err != nil {
		return err
	}
	for key, value := range saved {
		if _, given := r.answers.given[key]; !given && r.env.question(key) != nil {
			r.answers.given[key] = value
			r.answers.saved = append(r.answers.saved, key)
		}
	}
	r.loaded, r.journal, r.env.Setup = name, journal, name
	r.env.Started, r.env.Standing, r.env.Begun = begin, journal.Standing(), journal.Begun()
	r.env.ID, r.env.halfKeys = begin.ID, journal.HalfKeys()
	if r.env.ID == "" {
		if r.env.ID, err = newID(r.env.World.Random); err != nil {
			return err
		}
	}
	return nil
}

// unload forgets a set-up, with the answers that came from its file.
func (r *Runner) unload() {
	for _, key := range r.answers.saved {
		delete(r.answers.given, key)
	}
	r.answers.saved = nil
	r.loaded, r.journal, r.env.Setup, r.env.ID = "", nil, "", ""
	r.env.Started, r.env.Standing, r.env.Begun, r.env.halfKeys = Begin{}, nil, nil, nil
}

// sameSite compares the AWS of this run with the one that the set-up began in.
func (r *Runner) sameSite(begin Begin) error {
	site := r.env.Site
	if begin.ID == "" || site == nil {
		return nil
	}
	for _, c := range []struct{ what, want, have string }{
		{"mode", string(begin.Mode), string(site.Mode)},
		{"account", begin.Account, site.Caller.Account},
		{"partition", begin.Partition, site.Caller.Partition},
		{"Region", begin.Region, site.Region},
	} {
		if c.want != c.have {
			return &AccountError{What: c.what, Want: c.want, Have: c.have, Begin: begin}
		}
	}
	return nil
}

// newID draws the random id of a set-up: 32 hex digits.
func newID(random io.Reader) (string, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw set-up id: %w", err)
	}
	return fmt.Sprintf("%x", raw), nil
}
