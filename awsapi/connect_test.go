package awsapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bare empties the environment of everything that the SDK looks at and returns
// options that read the given config file and no other.
func bare(t *testing.T, configFile string) Options {
	t.Helper()
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			os.Unsetenv(name) // after Setenv, which puts it back at the end
		}
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true") // never leave the machine
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(configFile), 0o600); err != nil {
		t.Fatal(err)
	}
	return Options{ConfigFiles: []string{path}, CredentialsFiles: []string{path + "-none"}}
}

const keys = "aws_access_key_id = AKID\naws_secret_access_key = secret\n"

func TestEndpointsAreTakenInTheirOrder(t *testing.T) {
	const file = "[default]\nregion = eu-west-1\n" + keys + "endpoint_url = http://file\nservices = s\n[services s]\nsts =\n  endpoint_url = http://file-sts\n"
	tests := map[string]struct {
		config        string
		environment   map[string]string
		options       func(*Options)
		sts, anywhere string
	}{
		"none":                          {config: "[default]\n" + keys},
		"given":                         {config: file, environment: map[string]string{"AWS_ENDPOINT_URL_STS": "http://env-sts"}, options: func(o *Options) { o.Endpoint = "http://given" }, sts: "http://given", anywhere: "http://given"},
		"of a service":                  {config: "[default]\n" + keys, environment: map[string]string{"AWS_ENDPOINT_URL_ROLESANYWHERE": "http://env-ra"}, anywhere: "http://env-ra"},
		"of a service before the rest":  {config: "[default]\n" + keys, environment: map[string]string{"AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_STS": "http://env-sts"}, sts: "http://env-sts", anywhere: "http://env"},
		"environment before the file":   {config: file, environment: map[string]string{"AWS_ENDPOINT_URL": "http://env"}, sts: "http://env", anywhere: "http://env"},
		"file":                          {config: file, sts: "http://file-sts", anywhere: "http://file"},
		"all switched off":              {config: file, environment: map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://env"}},
		"generic ones ignored":          {config: file, environment: map[string]string{"AWS_ENDPOINT_URL": "http://env"}, options: func(o *Options) { o.IgnoreGenericEndpoint = true }, sts: "http://file-sts"},
		"generic ones ignored, not own": {config: "[default]\n" + keys, environment: map[string]string{"AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_ROLESANYWHERE": "http://env-ra"}, options: func(o *Options) { o.IgnoreGenericEndpoint = true }, anywhere: "http://env-ra"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			options := bare(t, tt.config)
			options.AllowHTTP = true
			for key, value := range tt.environment {
				t.Setenv(key, value)
			}
			if tt.options != nil {
				tt.options(&options)
			}
			client, err := Connect(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			if got := client.Endpoint(); got != tt.anywhere {
				t.Errorf("Roles Anywhere: got %q, want %q", got, tt.anywhere)
			}
			if got := client.endpoint("STS"); (got == nil) != (tt.sts == "") || got != nil && *got != tt.sts {
				t.Errorf("STS: got %v, want %q", got, tt.sts)
			}
			if got, want := client.Overridden(), tt.sts != "" || tt.anywhere != ""; got != want {
				t.Errorf("overridden: got %v, want %v", got, want)
			}
		})
	}
}

// The endpoints above are what the calls really use.
func TestCallsGoWhereTheEndpointPoints(t *testing.T) {
	options := bare(t, "[default]\nregion = eu-west-1\n"+keys)
	t.Setenv("AWS_ENDPOINT_URL", "https://wrong.invalid")
	fake := &fakeAWS{answers: ok(`{"trustAnchors":[]}`)}
	server := httptest.NewServer(fake)
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL_ROLESANYWHERE", server.URL)
	client, err := Connect(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Anchors(t.Context()); err != nil || len(fake.asked) != 1 {
		t.Errorf("asked %d times, %v, want once", len(fake.asked), err)
	}
}

func TestTheRegionSaysWhereItCameFrom(t *testing.T) {
	tests := map[string]struct {
		config, environment, given string
		region, source             string
	}{
		"given":       {"[default]\nregion = a\n" + keys, "b", "c", "c", "given"},
		"environment": {"[default]\nregion = a\n" + keys, "b", "", "b", "AWS_REGION"},
		"file":        {"[default]\nregion = a\n" + keys, "", "", "a", "AWS config profile default"},
		"none":        {"[default]\n" + keys, "", "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			options := bare(t, tt.config)
			if tt.environment != "" {
				t.Setenv("AWS_REGION", tt.environment)
			}
			options.Region = tt.given
			client, err := Connect(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			if region, source := client.Region(); region != tt.region || source != tt.source {
				t.Errorf("got %q from %q, want %q from %q", region, source, tt.region, tt.source)
			}
			_, err = client.Anchors(canceled(t))
			if errors.Is(err, ErrNoRegion) != (tt.region == "") {
				t.Errorf("got %v without a Region", err)
			}
			if region, _ := client.WithRegion("z").Region(); region != "z" {
				t.Errorf("got %q, want z", region)
			}
		})
	}
}

func TestCredentialsThatAreNotThereAreNamedAtOnce(t *testing.T) {
	if _, err := Connect(t.Context(), bare(t, "")); !errors.Is(err, ErrNoCredentials) {
		t.Errorf("got %v, want ErrNoCredentials", err)
	}
	options := bare(t, "[default]\n"+keys)
	options.AWSProfile = "other"
	_, err := Connect(t.Context(), options)
	missing, ok := errors.AsType[*NoProfileError](err)
	if !ok || missing.AWSProfile != "other" || missing.Hint() == "" {
		t.Errorf("got %v, want a *NoProfileError for other", err)
	}
}

func TestAnIsolatedClientReadsNothing(t *testing.T) {
	bare(t, "")
	t.Setenv("AWS_PROFILE", "not-there")
	t.Setenv("AWS_REGION", "wrong")
	t.Setenv("AWS_ENDPOINT_URL", "http://wrong.invalid")
	t.Setenv("AWS_ENDPOINT_URL_STS", "http://wrong.invalid")
	client, fake := against(t, ok(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult/></GetCallerIdentityResponse>`))
	if _, err := client.WhoAmI(t.Context()); err != nil || len(fake.asked) != 1 {
		t.Errorf("asked %d times, %v, want once", len(fake.asked), err)
	}
	if region, _ := client.Region(); region != "eu-central-1" {
		t.Errorf("got Region %q", region)
	}
	if _, err := Connect(t.Context(), Options{Isolated: true, Region: "a"}); err == nil {
		t.Errorf("got no error for an isolated client without endpoint and credentials")
	}
}

func TestEveryCallShowsWhatItIs(t *testing.T) {
	for name, x := range readExchanges() {
		for _, call := range callsOf(t, x) {
			if call.Write || call.Op == "" || call.Service == "" {
				t.Errorf("%s: got %+v, want a look", name, call)
			}
		}
	}
	for name, x := range writeExchanges() {
		for _, call := range callsOf(t, x) {
			if !call.Write || call.Op == "" || call.Service == "" {
				t.Errorf("%s: got %+v, want a write", name, call)
			}
		}
	}
	stranger, _ := http.NewRequest(http.MethodPost, "http://127.0.0.1/", nil)
	if got := CallOf(stranger); got != (Call{}) {
		t.Errorf("got %+v for a request of nobody's", got)
	}
}

// callsOf runs an exchange and returns what its transport saw.
func callsOf(t *testing.T, x exchange) []Call {
	t.Helper()
	server := httptest.NewServer(&fakeAWS{answers: x.answers})
	defer server.Close()
	var calls []Call
	options := testOptions(server.URL)
	options.Around = func(next http.RoundTripper) http.RoundTripper {
		return transport(func(req *http.Request) (*http.Response, error) {
			calls = append(calls, CallOf(req))
			return next.RoundTrip(req)
		})
	}
	client, err := Connect(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.ask(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	return calls
}

func TestAReadOnlyViewCannotWrite(t *testing.T) {
	client, _ := against(t, nil)
	view := ReadOnly(client)
	if _, writes := view.(Writer); writes {
		t.Errorf("the view writes")
	}
	if _, writes := view.(AnchorWriter); writes {
		t.Errorf("the view writes anchors")
	}
}

func TestWhatIsUnknownCountsAsAWrite(t *testing.T) {
	tests := map[string]struct {
		service, op string
		want        bool
	}{
		"a look":                   {"iam", "GetRole", false},
		"a search":                 {"cloudtrail", "LookupEvents", false},
		"a session":                {"sts", "AssumeRole", false},
		"a deletion":               {"rolesanywhere", "DeleteCrl", true},
		"something never heard of": {"rolesanywhere", "Frobnicate", true},
		"an import":                {"rolesanywhere", "ImportCrl", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := IsWrite(tt.service, tt.op); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	client, fake := against(t, []answer{{status: 301, header: map[string]string{"Location": "/elsewhere"}}})
	if _, err := client.Anchor(t.Context(), "ta-1"); err == nil || len(fake.asked) != 1 {
		t.Errorf("asked %d times, %v, want an error after one", len(fake.asked), err)
	}
}

func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	tests := map[string]struct {
		endpoint string
		allowed  bool
		plain    bool // refused for being plain
		ok       bool
	}{
		"loopback":                {"http://127.0.0.1:9912", false, false, true},
		"loopback, version 6":     {"http://[::1]:9912", false, false, true},
		"loopback by name":        {"http://localhost:4566", false, false, true},
		"another machine":         {"http://aws.example", false, true, false},
		"a name like loopback":    {"http://127.0.0.1.example", false, true, false},
		"another machine, wanted": {"http://aws.example", true, false, true},
		"with TLS":                {"https://aws.example", false, false, true},
		"no URL":                  {"aws.example", true, false, false},
		"another scheme":          {"ftp://127.0.0.1", true, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			options := testOptions(tt.endpoint)
			options.AllowHTTP = tt.allowed
			_, err := Connect(t.Context(), options)
			_, plain := errors.AsType[*PlainHTTPError](err)
			if (err == nil) != tt.ok || plain != tt.plain {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestKeysNeverPrintTheirSecret(t *testing.T) {
	options := Options{Credentials: &Keys{AccessKeyID: "AKID", SecretAccessKey: "hidden", SessionToken: "hidden"}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{options, options.Credentials, *options.Credentials} {
			if got := fmt.Sprintf(format, value); strings.Contains(got, "hidden") {
				t.Errorf("%s of %T: got %s", format, value, got)
			}
		}
	}
}
