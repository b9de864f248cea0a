package sandbox

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"
)

// strikes makes one operation fail.
func strikes(operation string, fault Fault) func(*Config) {
	return func(c *Config) {
		c.Weather = &Weather{Strike: func(call Call) *Fault {
			if call.Operation == operation {
				return &fault
			}
			return nil
		}}
	}
}

func TestTheWeatherRefuses(t *testing.T) {
	createRole := func(w *world) reply {
		return w.iam("CreateRole", "RoleName", "lab", "AssumeRolePolicyDocument", trustsRolesAnywhere)
	}
	createProfile := func(w *world) reply {
		return w.ra("POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{"arn:aws:iam::000000000000:role/lab"}})
	}
	const admin = "User: arn:aws:iam::000000000000:user/sandbox-admin is not authorized to perform: "
	tests := map[string]struct {
		operation     string
		fault         Fault
		call          func(*world) reply
		status        int
		code, message string
	}{
		"for want of permission":   {"CreateRole", Fault{Deny: "iam:CreateRole"}, createRole, 403, "AccessDenied", admin + "iam:CreateRole on resource: arn:aws:iam::000000000000:role/lab because no identity-based policy allows the iam:CreateRole action"},
		"for a second permission":  {"CreateProfile", Fault{Deny: "iam:PassRole"}, createProfile, 403, "AccessDeniedException", admin + "iam:PassRole on resource: arn:aws:iam::000000000000:role/lab because no identity-based policy allows the iam:PassRole action"},
		"too many calls to IAM":    {"CreateRole", Fault{Throttle: true}, createRole, 400, "Throttling", "Rate exceeded"},
		"too many calls elsewhere": {"CreateProfile", Fault{Throttle: true}, createProfile, 429, "ThrottlingException", "Rate exceeded"},
		"a broken service":         {"CreateProfile", Fault{Break: true}, createProfile, 500, "InternalServerException", "Internal server error"},
		"in any words":             {"CreateRole", Fault{Status: 409, Code: "ConcurrentModification", Message: "again"}, createRole, 409, "ConcurrentModification", "again"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, strikes(tt.operation, tt.fault))
			tt.call(w).refused(t, tt.status, tt.code, tt.message)
			if len(w.box.state.Roles)+len(w.box.state.Profiles) != 0 {
				t.Error("the call happened all the same")
			}
		})
	}
}

func TestAnAnswerMayBeLostAfterTheCallHappened(t *testing.T) {
	w := newWorld(t, strikes("CreateRole", Fault{Break: true, After: true}))
	w.iam("CreateRole", "RoleName", "lab", "AssumeRolePolicyDocument", trustsRolesAnywhere).want(t, 500)
	w.iam("GetRole", "RoleName", "lab").want(t, 200)
}

// listRoles is a signed request, to be sent by hand.
func rolesRequest(ctx context.Context, w *world) *http.Request {
	body := []byte("Action=ListRoles&Version=2010-05-08")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/", bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", formType)
	w.as(w.admin()).sign(req, "iam", body)
	return req
}

func TestTheConnectionMayBreak(t *testing.T) {
	w := newWorld(t, strikes("ListRoles", Fault{Drop: true}))
	if resp, err := http.DefaultTransport.RoundTrip(rolesRequest(t.Context(), w)); err == nil {
		resp.Body.Close()
		t.Errorf("got %d, want no answer", resp.StatusCode)
	}
}

func TestAnAnswerMayBeHeldBack(t *testing.T) {
	waited := make(chan struct{})
	w := newWorld(t, strikes("ListRoles", Fault{Wait: func(ctx context.Context) { close(waited); <-ctx.Done() }}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-waited; cancel() }()
	if resp, err := http.DefaultTransport.RoundTrip(rolesRequest(ctx, w)); err == nil {
		resp.Body.Close()
		t.Errorf("got %d, want no answer before the client leaves", resp.StatusCode)
	}
}

func TestANewRoleTakesTimeToSettle(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Weather = &Weather{Settle: 8 * time.Second} })
	who := l.host()
	l.session(who).refused(t, 403, "AccessDeniedException", "Unable to assume role for "+l.role+".")
	l.now = noon.Add(8 * time.Second)
	l.session(who).want(t, 201)
}
