package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// A page in a browser can send a plain POST to 127.0.0.1, but no Authorization
// header across origins.
func TestOrdersNeedTheAdministratorsSecret(t *testing.T) {
	l := newLab(t)
	order := func(path, auth string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.url+path, strings.NewReader(`{"fault":"throttle"}`))
		if err != nil {
			t.Fatal(err)
		}
		if auth != "" {
			req.Header.Set("Authorization", auth)
		}
		return l.do(req).status
	}
	for _, path := range []string{breakPath, resetPath} {
		for _, auth := range []string{"", "Bearer ", "Bearer wrong"} {
			if got := order(path, auth); got != http.StatusForbidden {
				t.Errorf("%s with %q: got %d, want 403", path, auth, got)
			}
		}
	}
	if len(l.box.Broken()) != 0 || len(l.box.state.Anchors) != 1 {
		t.Error("an order without the secret was carried out")
	}
	secret := "Bearer " + l.admin().secret
	if got := order(breakPath, secret); got != http.StatusOK || len(l.box.Broken()) != 1 {
		t.Errorf("got %d and %v, want the order carried out", got, l.box.Broken())
	}
	if got := order(resetPath, secret); got != http.StatusOK || len(l.box.state.Anchors) != 0 {
		t.Errorf("got %d and %d anchors, want an empty sandbox", got, len(l.box.state.Anchors))
	}
	if got := order(breakPath, secret); got != http.StatusForbidden {
		t.Errorf("got %d with the secret of before the reset, want 403", got)
	}
}

func TestASealedSessionIsOnlyThisSandboxs(t *testing.T) {
	l, other := newLab(t), newLab(t)
	k := l.session(l.host()).want(t, 201).keys()
	l.as(k).query("sts", "GetCallerIdentity").want(t, 200)
	const invalid = "The security token included in the request is invalid."
	other.as(k).query("sts", "GetCallerIdentity").refused(t, 403, "InvalidClientTokenId", invalid)
	for _, changed := range map[string]string{
		"cut": k.token[:len(k.token)-8], "empty": tokenPrefix, "no prefix": k.token[len(tokenPrefix):],
		"one letter": strings.Replace(k.token, k.token[40:41], map[bool]string{true: "B", false: "A"}[k.token[40] == 'A'], 1),
	} {
		l.as(keys{k.id, k.secret, changed}).query("sts", "GetCallerIdentity").refused(t, 403, "InvalidClientTokenId", invalid)
	}
	l.as(keys{"ASIASANDBOX000000000", k.secret, k.token}).query("sts", "GetCallerIdentity").refused(t, 403, "InvalidClientTokenId", invalid)
}
