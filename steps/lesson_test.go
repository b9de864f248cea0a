package steps

import (
	"strings"
	"testing"
)

func TestEveryStepHasALesson(t *testing.T) {
	for _, s := range Road() {
		l := LessonOf(s.ID)
		if l.Title == "" || l.What == "" || l.Why == "" || !strings.HasPrefix(l.Link, "https://docs.aws.amazon.com/") {
			t.Errorf("%s: got lesson %+v, want what it is, why AWS wants it and AWS's page", s.ID, l)
		}
	}
	if len(lessons) != len(Road()) {
		t.Errorf("got %d lessons for %d steps", len(lessons), len(Road()))
	}
}

func TestEveryStepThatAsksHasACommandByHand(t *testing.T) {
	// The folder of the program had none, though install does the same.
	for _, s := range Road() {
		if _, known := byHand[s.ID]; len(s.Asks) > 0 && !known {
			t.Errorf("%s asks, and has no command by hand", s.ID)
		}
	}
}

func TestNoQuestionHasCommandsBeforeItIsKnownWhere(t *testing.T) {
	r, err := NewRunner(World{}, Road(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Commands("leaf.cn", "build-box-7"); got != nil {
		t.Errorf("got %v, want none", got)
	}
}
