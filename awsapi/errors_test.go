package awsapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

const iamDenial = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/me is not authorized to perform: iam:CreateRole on resource: role lab because no identity-based policy allows the iam:CreateRole action</Message></Error><RequestId>r-9</RequestId></ErrorResponse>`

func anywhereError(status int, kind, message string) []answer {
	return []answer{{status: status, body: `{"message":"` + message + `"}`, header: map[string]string{
		"X-Amzn-ErrorType": kind + ":http://internal.amazon.com/coral/", "X-Amzn-RequestId": "r-9", "Content-Type": "application/json"}}}
}

func TestARefusalKeepsAWSsWords(t *testing.T) {
	getAnchor := func(ctx context.Context, c *Client) error { _, err := c.Anchor(ctx, "ta-1"); return err }
	createProfile := func(ctx context.Context, c *Client) error {
		_, err := c.CreateProfile(ctx, ProfileSpec{Name: "lab"})
		return err
	}
	tests := map[string]struct {
		ask     func(context.Context, *Client) error
		answers []answer
		want    Refusal
		missing bool // ErrNotFound
		hint    string
	}{
		"IAM denies": {
			ask: func(ctx context.Context, c *Client) error {
				_, err := c.CreateRole(ctx, RoleSpec{Name: "lab"})
				return err
			},
			answers: []answer{{status: 403, body: iamDenial}},
			want: Refusal{Op: "iam:CreateRole", Target: "lab", Status: 403, Code: "AccessDenied", RequestID: "r-9", Missing: "iam:CreateRole",
				Message: "User: arn:aws:iam::111122223333:user/me is not authorized to perform: iam:CreateRole on resource: role lab because no identity-based policy allows the iam:CreateRole action"},
			hint: "iam:CreateRole",
		},
		"Roles Anywhere wants a permission of another service": {
			ask: createProfile, answers: anywhereError(403, "AccessDeniedException", "User: me is not authorized to perform: iam:PassRole"),
			want: Refusal{Op: "rolesanywhere:CreateProfile", Target: "lab", Status: 403, Code: "AccessDeniedException", RequestID: "r-9", Missing: "iam:PassRole", Message: "User: me is not authorized to perform: iam:PassRole"},
			hint: "iam:PassRole",
		},
		"Roles Anywhere says it the other way round": {
			ask: createProfile, answers: anywhereError(403, "AccessDeniedException", "Unauthorized because no identity-based policy allows for the iam:CreateServiceLinkedRole action"),
			want: Refusal{Op: "rolesanywhere:CreateProfile", Target: "lab", Status: 403, Code: "AccessDeniedException", RequestID: "r-9", Missing: "iam:CreateServiceLinkedRole", Message: "Unauthorized because no identity-based policy allows for the iam:CreateServiceLinkedRole action"},
			hint: "iam:CreateServiceLinkedRole",
		},
		"AWS denies without naming the action": {
			ask: createProfile, answers: anywhereError(403, "AccessDeniedException", "Access denied"),
			want: Refusal{Op: "rolesanywhere:CreateProfile", Target: "lab", Status: 403, Code: "AccessDeniedException", RequestID: "r-9", Missing: "rolesanywhere:CreateProfile", Message: "Access denied"},
			hint: "rolesanywhere:CreateProfile",
		},
		"S3 denies the probe": {
			ask:     func(ctx context.Context, c *Client) error { _, err := c.Buckets(ctx); return err },
			answers: []answer{{status: 403, header: map[string]string{"x-amz-request-id": "r-9"}, body: `<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>r-9</RequestId></Error>`}},
			want:    Refusal{Op: "s3:ListBuckets", Status: 403, Code: "AccessDenied", RequestID: "r-9", Missing: "s3:ListAllMyBuckets", Message: "Access Denied"},
			hint:    "s3:ListAllMyBuckets",
		},
		"a role is not there": {
			ask:     func(ctx context.Context, c *Client) error { _, err := c.Role(ctx, "lab"); return err },
			answers: []answer{{status: 404, body: strings.NewReplacer("AccessDenied", "NoSuchEntity", "is not authorized to perform", "asked for").Replace(iamDenial)}},
			want: Refusal{Op: "iam:GetRole", Target: "lab", Status: 404, Code: "NoSuchEntity", RequestID: "r-9",
				Message: "User: arn:aws:iam::111122223333:user/me asked for: iam:CreateRole on resource: role lab because no identity-based policy allows the iam:CreateRole action"},
			missing: true,
		},
		"an anchor is not there": {
			ask: getAnchor, answers: anywhereError(404, "ResourceNotFoundException", "no such anchor"),
			want:    Refusal{Op: "rolesanywhere:GetTrustAnchor", Target: "ta-1", Status: 404, Code: "ResourceNotFoundException", RequestID: "r-9", Message: "no such anchor"},
			missing: true,
		},
		"a key that AWS does not know is no want of permission": {
			ask: getAnchor, answers: anywhereError(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
			want: Refusal{Op: "rolesanywhere:GetTrustAnchor", Target: "ta-1", Status: 403, Code: "UnrecognizedClientException", RequestID: "r-9", Message: "The security token included in the request is invalid."},
		},
		"a bad value": {
			ask: createProfile, answers: anywhereError(400, "ValidationException", "1 validation error detected"),
			want: Refusal{Op: "rolesanywhere:CreateProfile", Target: "lab", Status: 400, Code: "ValidationException", RequestID: "r-9", Message: "1 validation error detected"},
		},
		"CloudTrail denies": {
			ask: func(ctx context.Context, c *Client) error { _, err := c.Events(ctx, EventQuery{}); return err },
			answers: []answer{{status: 400, header: map[string]string{"X-Amzn-RequestId": "r-9"},
				body: `{"__type":"AccessDeniedException","Message":"User: me is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action"}`}},
			want: Refusal{Op: "cloudtrail:LookupEvents", Status: 400, Code: "AccessDeniedException", RequestID: "r-9", Missing: "cloudtrail:LookupEvents",
				Message: "User: me is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action"},
			hint: "cloudtrail:LookupEvents",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client, _ := against(t, tt.answers)
			err := tt.ask(t.Context(), client)
			got, ok := errors.AsType[*Refusal](err)
			if !ok {
				t.Fatalf("got %T %v, want a *Refusal", err, err)
			}
			if got.ServerTime.IsZero() {
				t.Errorf("the refusal has no server time")
			}
			clean := *got
			clean.ServerTime = time.Time{}
			if clean != tt.want {
				t.Errorf("got  %+v\nwant %+v", clean, tt.want)
			}
			if errors.Is(err, ErrNotFound) != tt.missing || errors.Is(err, ErrDenied) != (tt.want.Missing != "") {
				t.Errorf("not found: %v, denied: %v", errors.Is(err, ErrNotFound), errors.Is(err, ErrDenied))
			}
			if !strings.Contains(got.Hint(), tt.hint) || (got.Hint() == "") != (tt.hint == "") {
				t.Errorf("hint is %q, want %q in it", got.Hint(), tt.hint)
			}
		})
	}
}

func TestNoAnswerIsNoRefusal(t *testing.T) {
	options := testOptions("http://127.0.0.1:1")
	options.HTTP = transport(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	options.Attempts = 1
	client, err := Connect(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Anchor(t.Context(), "ta-1")
	if _, refused := errors.AsType[*Refusal](err); refused || err == nil {
		t.Fatalf("got %v, want an error that is no refusal", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "rolesanywhere:GetTrustAnchor ta-1: ") || !strings.Contains(text, "connection refused") {
		t.Errorf("got %q", text)
	}
	if _, err := client.Role(canceled(t), "lab"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestWhatMightHaveHappenedIsNotAskedTwice(t *testing.T) {
	throttled := anywhereError(429, "ThrottlingException", "Rate exceeded")[0]
	broken := anywhereError(500, "InternalFailure", "try again")[0]
	done := answer{status: 201, body: `{"trustAnchor":` + anchorJSON + `}`}
	create := func(ctx context.Context, c *Client) error {
		_, err := c.CreateAnchor(ctx, AnchorSpec{Name: "lab"})
		return err
	}
	enable := func(ctx context.Context, c *Client) error { return c.EnableAnchor(ctx, "ta-1") }
	tests := map[string]struct {
		ask     func(context.Context, *Client) error
		answers []answer
		asked   int
		ok      bool
	}{
		"a throttled creation is tried again":        {create, []answer{throttled, throttled, done}, 3, true},
		"a creation that broke is not":               {create, []answer{broken, done}, 1, false},
		"setting a value that broke is tried again":  {enable, []answer{broken, done}, 2, true},
		"throttling without end is told after three": {enable, []answer{throttled}, 3, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client, fake := against(t, tt.answers)
			err := tt.ask(t.Context(), client)
			if (err == nil) != tt.ok || len(fake.asked) != tt.asked {
				t.Errorf("asked %d times, %v; want %d times", len(fake.asked), err, tt.asked)
			}
		})
	}
}

func TestTheClockOfAWSIsTold(t *testing.T) {
	at := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	answers := ok(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	answers[0].header = map[string]string{"Date": at.Format(http.TimeFormat)}
	client, _ := against(t, answers)
	who, err := client.WhoAmI(t.Context())
	if err != nil || !who.ServerTime.Equal(at) {
		t.Errorf("got %v, %v, want %v", who.ServerTime, err, at)
	}
}
