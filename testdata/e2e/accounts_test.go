package e2e

import (
	"strings"
	"testing"
)

// One certificate, two accounts: the AWS CLI gets a session in each by an AWS config
// profile of its own, before and after a renewal and a replacement of the CA, and an
// administrator's keys decide the account.
func TestTheAWSCLIUsesOneCertificateInTwoAccounts(t *testing.T) {
	const second = "222222222222"
	env := []string{"HOME=" + t.TempDir()}
	one := set(t, env, "--sandbox", "--yes", "--name", "one")
	two := set(t, env, "--sandbox", "--yes", "--name", "two", "--account", second, "--set", "leaf.setup=one")
	if two.Account != second || one.Account == second || two.Certificate.SerialHex != one.Certificate.SerialHex {
		t.Errorf("got accounts %s and %s, certificates %s and %s", one.Account, two.Account, one.Certificate.SerialHex, two.Certificate.SerialHex)
	}
	sessions := func(after string) (serial string) {
		t.Helper()
		for name, number := range map[string]string{"one": one.Account, "two": second} {
			arn, err := inSandbox(t, env, "aws sts get-caller-identity --query Arn --profile "+name)
			arn = strings.Trim(strings.TrimSpace(arn), `"`)
			if err != nil || !strings.HasPrefix(arn, "arn:aws:sts::"+number+":assumed-role/anywhere-"+name+"-") {
				t.Fatalf("%s: AWS config profile %s: %v\n%s", after, name, err, arn)
			}
			session := arn[strings.LastIndex(arn, "/")+1:]
			if serial != "" && session != serial {
				t.Errorf("%s: the sessions are of %s and %s", after, serial, session)
			}
			serial = session
		}
		return serial
	}
	first := sessions("after set-up")
	output(t, env, ours("anywhere"), "cert", "renew", "--setup", "two")
	second1 := sessions("after a renewal")
	output(t, env, ours("anywhere"), "ca", "rotate", "--setup", "one", "--yes")
	third := sessions("after a rotation")
	if first == second1 || second1 == third {
		t.Errorf("the certificates are %s, %s, %s", first, second1, third)
	}

	for number, count := range map[string]string{one.Account: "1", second: "1", "333333333333": "0"} {
		out, err := command(t, env, "sh", "-c", `set -e; eval "$(`+ours("anywhere")+` sandbox env --admin --account `+number+` 2>/dev/null)"
			`+ours("anywhere")+` sandbox -- sh -c "export AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY; unset AWS_PROFILE
			aws --endpoint-url \$AWS_ENDPOINT_URL sts get-caller-identity --query Account --output text
			aws --endpoint-url \$AWS_ENDPOINT_URL rolesanywhere list-trust-anchors --query 'length(trustAnchors)' --output text"`).CombinedOutput()
		if got := strings.Fields(string(out)); err != nil || len(got) != 2 || got[0] != number || got[1] != count {
			t.Errorf("the administrator of %s: %v\n%s\nwant that account and %s trust anchors", number, err, out, count)
		}
	}

	output(t, env, ours("anywhere"), "cert", "revoke", third, "--setup", "one", "--yes")
	for _, name := range []string{"one", "two"} {
		if out, err := inSandbox(t, env, "aws sts get-caller-identity --profile "+name); err == nil || !strings.Contains(out, "revoked") {
			t.Errorf("%s after the revocation: %v\n%s", name, err, out)
		}
	}
	output(t, env, ours("anywhere"), "teardown", "two", "--yes")
	output(t, env, ours("anywhere"), "cert", "renew", "--setup", "one")
	if out, err := inSandbox(t, env, "aws sts get-caller-identity --profile one"); err != nil {
		t.Errorf("after the teardown of the other: %v\n%s", err, out)
	}
}
