package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// result is what the test needs of setup --json.
type result struct {
	Mode          string
	Account       string
	AWSProfile    string
	AWSConfigFile string
	Certificate   struct{ SerialHex, Path string }
	Session       struct{ ARN, SourceIdentity string }
}

// set runs anywhere setup in an environment and returns what it made.
func set(t *testing.T, env []string, args ...string) result {
	t.Helper()
	out := output(t, env, ours("anywhere"), append([]string{"setup", "--json"}, args...)...)
	var r result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("setup --json: %v\n%s", err, out)
	}
	return r
}

// inSandbox runs a shell command while the sandbox serves. Old AWS CLIs ignore
// AWS_ENDPOINT_URL, so "aws" stands for one that is told.
func inSandbox(t *testing.T, env []string, shell string) (string, error) {
	t.Helper()
	shell = `aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" --output json "$@"; }; set -e; ` + shell
	out, err := command(t, env, ours("anywhere"), "sandbox", "--", "sh", "-c", shell).CombinedOutput()
	return string(out), err
}

func TestTheAWSCLIUsesASessionOfTheSandbox(t *testing.T) {
	env := []string{"HOME=" + t.TempDir()}
	r := set(t, env, "--sandbox", "--yes")
	if r.Mode != "sandbox" || r.Account != "000000000000" {
		t.Errorf("mode and account: got %s and %s", r.Mode, r.Account)
	}

	out, err := inSandbox(t, env, "aws sts get-caller-identity")
	if err != nil {
		t.Fatalf("get-caller-identity: %v\n%s", err, out)
	}
	var caller struct{ Account, Arn string }
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &caller); err != nil {
		t.Fatalf("get-caller-identity: %v\n%s", err, out)
	}
	if caller.Account != "000000000000" || !strings.Contains(caller.Arn, ":assumed-role/") || !strings.HasSuffix(caller.Arn, "/"+r.Certificate.SerialHex) {
		t.Errorf("caller: got %+v, want an assumed role with session name %s", caller, r.Certificate.SerialHex)
	}

	if out, err := inSandbox(t, env, "aws s3 ls"); err != nil {
		t.Errorf("s3 ls, which is allowed: %v\n%s", err, out)
	}
	out, err = inSandbox(t, env, "aws iam list-users")
	if err == nil || !strings.Contains(out, "AccessDenied") {
		t.Errorf("iam list-users: got %v\n%s\nwant AccessDenied", err, out)
	}
}

func TestOpensslAcceptsWhatSetupMade(t *testing.T) {
	for _, kind := range []string{"p-256", "rsa-2048"} {
		t.Run(kind, func(t *testing.T) {
			homeDir := t.TempDir()
			env := []string{"HOME=" + homeDir}
			r := set(t, env, "--sandbox", "--yes", "--set", "ca.key="+kind, "--set", "leaf.key="+kind)
			cas, err := filepath.Glob(filepath.Join(homeDir, ".anywhere", "ca", "*", "*.pem"))
			if err != nil || len(cas) == 0 {
				t.Fatalf("found no CA certificate: %v", err)
			}
			got := openssl(t, "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", cas[0], r.Certificate.Path)
			holds(t, "verify", got, ": OK")
		})
	}
}

// The user's own config file, in all its glory, is the same to the byte after
// set-up and teardown; in between the AWS CLI reads both our section and theirs.
func TestTheConfigFileComesBackByteForByte(t *testing.T) {
	before, err := os.ReadFile(filepath.Join("..", "sharedconfig", "legal"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := file(t, dir, "config", before)
	env := []string{"HOME=" + dir}
	out, err := inSandbox(t, env, `eval "$("`+ours("anywhere")+`" sandbox env --admin)"
		export AWS_CONFIG_FILE="`+config+`" AWS_SHARED_CREDENTIALS_FILE=/dev/null
		unset AWS_PROFILE
		"`+ours("anywhere")+`" setup --name e2e --yes --account 000000000000 --set ca.protection=none --json >"`+dir+`/setup.json"
		cp "`+config+`" "`+dir+`/between"
		aws configure get credential_process --profile e2e >"`+dir+`/line"
		aws configure get region --profile dev >>"`+dir+`/line"
		"`+ours("anywhere")+`" teardown e2e --yes --account 000000000000`)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	line, err := os.ReadFile(filepath.Join(dir, "line"))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "read by the AWS CLI", string(line), "credential-process --setup e2e", "eu-west-1")
	between, err := os.ReadFile(filepath.Join(dir, "between"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(between), string(before)) || len(between) == len(before) {
		t.Errorf("between: want the file and our section behind it, got\n%s", between)
	}
	after, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if string(after) != string(before) {
		t.Errorf("after teardown: got\n%s\nwant\n%s", after, before)
	}
}
