package steps

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/signer/home"
)

// blindAWS answers nothing: what the questions of this file do not need.
type blindAWS struct{ awsapi.API }

var errBlind = errors.New("not asked")

func (blindAWS) Anchors(context.Context) ([]awsapi.Anchor, error)   { return nil, errBlind }
func (blindAWS) Profiles(context.Context) ([]awsapi.Profile, error) { return nil, errBlind }

func questioner(t *testing.T, given map[string]string) *Runner {
	t.Helper()
	world := World{
		Home: home.Home{Root: t.TempDir()}, Random: rand.Reader,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
		Open: func(context.Context, string, string) (*Site, error) {
			return &Site{Mode: home.ModeSandbox, API: blindAWS{}, Region: "us-east-1"}, nil
		},
		Machine: Machine{HostName: "box", ReadFile: os.ReadFile},
	}
	place := world.Home.Setup("old")
	if err := os.MkdirAll(place.Dir, home.DirPerm); err != nil {
		t.Fatal(err)
	}
	saved := []byte("where = sandbox\nname = old\nleaf.cn = saved-name\n")
	if err := os.WriteFile(place.AnswersFile(), saved, home.SecretPerm); err != nil {
		t.Fatal(err)
	}
	r, err := NewRunner(world, Road(), given)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Going back from the name of an old set-up left its saved answers behind, and
// they became those of the next name.
func TestBackFromAnOldNameForgetsItsSavedAnswers(t *testing.T) {
	r := questioner(t, map[string]string{"where": "sandbox"})
	if q, err := r.Next(t.Context()); err != nil || q.Key != "name" {
		t.Fatalf("got %v, %v, want the name to be asked", q, err)
	}
	if err := r.Answer(t.Context(), "name", "old"); err != nil {
		t.Fatal(err)
	}
	if got := r.Env().Get("leaf.cn"); got != "saved-name" {
		t.Fatalf("the old set-up calls the machine %q, want saved-name", got)
	}
	if !r.Back() {
		t.Fatal("there is nothing to go back from")
	}
	if err := r.Answer(t.Context(), "name", "new"); err != nil {
		t.Fatal(err)
	}
	if q, err := r.Next(t.Context()); err != nil || q.Key != "leaf.cn" || q.Default != "box" {
		t.Errorf("got %+v, %v, want leaf.cn to be asked with box as default", q, err)
	}
}

func TestBackOffersTheLastAnswerAsDefault(t *testing.T) {
	r := questioner(t, map[string]string{"where": "sandbox", "name": "new"})
	if _, err := r.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Answer(t.Context(), "leaf.cn", "first-try"); err != nil {
		t.Fatal(err)
	}
	if !r.Back() {
		t.Fatal("there is nothing to go back from")
	}
	if q, err := r.Next(t.Context()); err != nil || q.Key != "leaf.cn" || q.Default != "first-try" {
		t.Errorf("got %+v, %v, want leaf.cn with first-try as default", q, err)
	}
}
