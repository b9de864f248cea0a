package steps

import (
	"slices"
	"testing"
)

func TestWhoLeavesIsToldTheAnswersOfThisRunAndNoOthers(t *testing.T) {
	r := questioner(t, map[string]string{"where": "sandbox", "ca.protection": "passphrase"})
	if got := r.Again(); got != nil {
		t.Errorf("got %q before anything was answered here, want nothing", got)
	}
	for _, a := range [][2]string{{"name", "old"}, {"ca.passphrase", "correct horse"}, {"leaf.ou", "build box"}, {"leaf.life", "30d"}} {
		if err := r.Answer(t.Context(), a[0], a[1]); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"anywhere", "setup", "--sandbox", "--name", "old", "--set", "ca.protection=passphrase", "--set", "leaf.life=30d", "--set", "leaf.ou=build box"}
	if got := r.Again(); !slices.Equal(got, want) {
		t.Errorf("got %q,\nwant %q: neither the secret nor the saved leaf.cn", got, want)
	}
	if err := r.Answer(t.Context(), "leaf.cn", "another-name"); err != nil {
		t.Fatal(err)
	}
	if got := r.Again(); !slices.Contains(got, "leaf.cn=another-name") {
		t.Errorf("got %q without the saved answer that was changed here", got)
	}
}

func TestAPastedTextIsNoAnswerThatCanBeTypedAgain(t *testing.T) {
	r := questioner(t, map[string]string{"where": "sandbox", "name": "new", "ca.issuer": "csr"})
	if err := r.Answer(t.Context(), "leaf.cn", "box"); err != nil {
		t.Fatal(err)
	}
	r.answers.given["csr.answer"] = r.Hold([]byte("-----BEGIN CERTIFICATE-----"))
	if got := r.Again(); slices.ContainsFunc(got, func(arg string) bool { return len(arg) > 11 && arg[:11] == "csr.answer=" }) {
		t.Errorf("got %q with a file that is not there", got)
	}
}
