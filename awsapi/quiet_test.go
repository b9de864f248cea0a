package awsapi

import (
	"testing"

	"github.com/aws/smithy-go/logging"
)

// The SDK wrote "WARN falling back to IMDSv1" into the middle of the wizard's
// last screen.
func TestTheSDKWritesNothingToStderr(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	cfg, err := load(t.Context(), Options{Region: "us-east-1", Credentials: &Keys{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, quiet := cfg.Logger.(logging.Nop); !quiet {
		t.Errorf("the SDK logs to %T", cfg.Logger)
	}
}
