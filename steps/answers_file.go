package steps

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"anywhere/signer/home"
)

// AnswersFile is a commented answers file with every question of the road, its
// default and its choices.
func AnswersFile(road []Step, e *Env) []byte {
	var b bytes.Buffer
	b.WriteString("# Answers for anywhere setup --answers FILE. Take the # away from a line to use it;\n# what is left out has its default or is asked.\n")
	for _, step := range road {
		if len(step.Asks) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n# --- %s\n", step.Title)
		for i := range step.Asks {
			q := &step.Asks[i]
			fmt.Fprintf(&b, "\n# %s\n# %s\n", q.Ask, q.Why)
			if q.Choices != nil && q.Key != "where" {
				for _, c := range q.Choices(e) {
					fmt.Fprintf(&b, "#   %s: %s\n", c.Value, c.Label)
				}
			}
			if q.Kind == Secret {
				fmt.Fprintf(&b, "# (a secret: --set %s-file=FILE, -env=NAME or -fd=N)\n", q.Key)
				continue
			}
			fmt.Fprintf(&b, "# %s = %s\n", q.Key, q.Example)
		}
	}
	return b.Bytes()
}

// Secrets are the keys whose answers are never arguments, saved or shown.
func Secrets() []string {
	var keys []string
	for _, step := range Road() {
		for _, q := range step.Asks {
			if q.Kind == Secret {
				keys = append(keys, q.Key)
			}
		}
	}
	return keys
}

// BeginOf is how a set-up began; zero if it has not.
func BeginOf(h home.Home, name string) (Begin, error) {
	j, err := OpenJournal(h.Setup(name).JournalFile(), h.Disk)
	if errors.Is(err, fs.ErrNotExist) {
		return Begin{}, nil
	}
	if err != nil {
		return Begin{}, err
	}
	return j.Begin(), nil
}
