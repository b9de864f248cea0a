package signing

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secure is a bench whose AWS speaks TLS, with the server's certificate in a file.
func secure(t *testing.T) (b *bench, bundle string) {
	t.Helper()
	b = newBench(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(b.serve))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	b.endpoint = server.URL
	bundle = filepath.Join(t.TempDir(), "bundle.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return b, bundle
}

func TestTheServerIsVerifiedByTheBundle(t *testing.T) {
	b, bundle := secure(t)
	b.env["AWS_CA_BUNDLE"] = bundle
	if code := b.run(t, b.flags()); code != 0 || b.out.String() != processJSON {
		t.Errorf("with the bundle: got exit %d, stderr %q", code, b.errs.String())
	}
	delete(b.env, "AWS_CA_BUNDLE")
	if code := b.run(t, b.flags()+" --no-verify-ssl"); code != 0 || b.out.String() != processJSON {
		t.Errorf("unverified: got exit %d, stderr %q", code, b.errs.String())
	}
	asked := len(b.seen)
	if code := b.run(t, b.flags()+" --no-cache"); code != 1 || b.out.Len() != 0 || len(b.seen) != asked || !strings.Contains(b.errs.String(), "certificate") {
		t.Errorf("an unknown server: got exit %d, stderr %q, %d requests", code, b.errs.String(), len(b.seen)-asked)
	}
}
