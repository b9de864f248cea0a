package main

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/sandbox"
	"anywhere/pki/decode"
)

const (
	cloudAccount = "000000000000"
	cloudRegion  = "eu-central-1"
)

// cloud is an AWS for one test: a sandbox that the program reaches as it would
// any other AWS, through AWS_ENDPOINT_URL, in mode custom. It runs in the
// process of the test and outlives the programs that are killed.
type cloud struct {
	URL   string
	Admin sandbox.Keys
	API   *awsapi.Client // the administrator's
	box   *sandbox.Sandbox
	// profile is the AWS config profile that programs use, in the place of keys.
	profile string

	mu     sync.Mutex
	seen   []sandbox.Call
	strike func(sandbox.Call) *sandbox.Fault
}

func newCloud(t testing.TB) *cloud {
	t.Helper()
	c := &cloud{}
	box, err := sandbox.Open(sandbox.Config{Dir: t.TempDir(), Now: time.Now, Random: rand.Reader, Region: cloudRegion,
		Weather: &sandbox.Weather{Strike: c.weather}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	t.Cleanup(func() {
		server.Close()
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	c.URL, c.Admin, c.box = server.URL, box.Admin(), box
	c.API, err = awsapi.Connect(t.Context(), awsapi.Options{
		Isolated: true, Region: cloudRegion, Endpoint: c.URL, Attempts: 1,
		Credentials: &awsapi.Keys{AccessKeyID: c.Admin.AccessKeyID, SecretAccessKey: c.Admin.SecretAccessKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// weather notes every call and lets the test spoil it.
func (c *cloud) weather(call sandbox.Call) *sandbox.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, call)
	if c.strike == nil {
		return nil
	}
	return c.strike(call)
}

// breakWith makes calls fail from now on; nil makes fair weather.
func (c *cloud) breakWith(strike func(sandbox.Call) *sandbox.Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strike = strike
}

// calls returns the calls since the last time it was asked.
func (c *cloud) calls() []sandbox.Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen
	c.seen = nil
	return seen
}

// changing returns the operations among calls that change AWS. CreateSession
// issues credentials; it makes nothing that stays.
func changing(calls []sandbox.Call) []string {
	var ops []string
	for _, call := range calls {
		if call.Writes && call.Operation != "CreateSession" {
			ops = append(ops, call.Service+":"+call.Operation)
		}
	}
	return ops
}

// env is what makes a program use this AWS.
func (c *cloud) env() []string {
	if c.profile != "" {
		return []string{"AWS_ENDPOINT_URL=" + c.URL, "AWS_REGION=" + cloudRegion, "AWS_PROFILE=" + c.profile}
	}
	return []string{
		"AWS_ENDPOINT_URL=" + c.URL, "AWS_REGION=" + cloudRegion,
		"AWS_ACCESS_KEY_ID=" + c.Admin.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + c.Admin.SecretAccessKey,
	}
}

// drawn are the parts that differ from run to run: UUIDs, set-up ids, serials and
// what names are made of them.
var drawn = []struct {
	form *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "HEX32"},
	{regexp.MustCompile(`\b(anywhere-[a-z0-9-]+-|Anywhere|ca/)[0-9a-f]{8}\b`), "${1}HEX8"},
	{regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`), "ENDPOINT"},
}

func withoutDrawn(text string) string {
	for _, d := range drawn {
		text = d.form.ReplaceAllString(text, d.as)
	}
	return text
}

// things lists all that stands in this AWS, one line a thing, without what is
// drawn at random.
func (c *cloud) things(t testing.TB) []string {
	t.Helper()
	ctx := t.Context()
	lines := []string{}
	add := func(format string, args ...any) { lines = append(lines, withoutDrawn(fmt.Sprintf(format, args...))) }
	for _, a := range must(c.API.Anchors(ctx)) {
		bundle, err := decode.Certificates([]byte(a.Source.Bundle))
		if err != nil {
			t.Fatal(err)
		}
		tags := must(c.API.Tags(ctx, a.ARN))
		add("trust anchor %s enabled=%t certificates=%d notices=%v %s", a.Name, a.Enabled, len(bundle), a.Notices, pairs(tags))
	}
	for _, p := range must(c.API.Profiles(ctx)) {
		tags := must(c.API.Tags(ctx, p.ARN))
		p = must(c.API.Profile(ctx, p.ARN))
		add("profile %s enabled=%t roles=%s duration=%d policy=%q mappings=%v %s",
			p.Name, p.Enabled, p.RoleARNs, p.DurationSeconds, p.SessionPolicy, mapped(p.AttributeMappings), pairs(tags))
	}
	for _, r := range must(c.API.Roles(ctx)) {
		if strings.HasPrefix(r.Path, "/aws-service-role/") {
			continue // AWS makes it itself with the first trust anchor, and keeps it
		}
		r = must(c.API.Role(ctx, r.Name))
		add("role %s path=%s max=%d boundary=%s %s trust=%s", r.Name, r.Path, r.MaxSessionDuration, r.PermissionsBoundary, pairs(r.Tags), compact(r.TrustPolicy))
		for name, document := range must(c.API.InlinePolicies(ctx, r.Name)) {
			add("inline policy %s of %s: %s", name, r.Name, compact(document))
		}
		for _, arn := range must(c.API.AttachedPolicies(ctx, r.Name)) {
			add("attached policy %s of %s", arn, r.Name)
		}
	}
	slices.Sort(lines)
	return lines
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func pairs(tags map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, key+"="+tags[key])
	}
	return "tags=" + strings.Join(all, ",")
}

func mapped(all []awsapi.AttributeMapping) []string {
	var lines []string
	for _, m := range all {
		lines = append(lines, m.Field+":"+strings.Join(m.Specifiers, "+"))
	}
	slices.Sort(lines)
	return lines
}

func compact(document string) string {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		return "not JSON: " + document
	}
	data, _ := json.Marshal(v) // it has just been JSON
	return string(data)
}

// differ fails unless two lists are the same, and names what is only in one.
func differ(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("%s: only in got:  %s", what, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%s: only in want: %s", what, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: got %d, want %d: %s", what, len(got), len(want), cmp.Or(strings.Join(got, "\n"), "nothing"))
	}
}
