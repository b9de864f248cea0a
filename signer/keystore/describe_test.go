package keystore

import (
	"runtime"
	"strings"
	"testing"
)

func TestAReferenceSaysWhereItsKeyLies(t *testing.T) {
	pem := []byte("-----BEGIN TSS2 PRIVATE KEY-----\n")
	for ref, tt := range map[string]struct {
		store    Store
		contents []byte
		want     Where
	}{
		"key.pem":          {Store{}, nil, Where{Kind: "file", Ref: "key.pem", Reachable: true}},
		"/etc/key.pem":     {Store{TPM: "/dev/tpm1"}, pem, Where{Kind: "TPM 2.0", Ref: "/etc/key.pem", Device: "/dev/tpm1", Reachable: true}},
		"handle:0x8100ABC": {Store{}, nil, Where{Kind: "TPM 2.0", Ref: "handle:0x8100ABC", Handle: "0x8100ABC", Reachable: true}},
		"pkcs11:object=o;token=t?pin-value=1234&module-path=/lib/m.so": {Store{Module: "/other.so"}, nil,
			Where{Kind: "PKCS #11", Ref: "pkcs11:token=t;object=o", Module: "/lib/m.so", Token: "t", Object: "o", PIN: "in the URI", Reachable: loadsModules}},
		"PKCS11:token=t?pin-source=file:/etc/pin": {Store{Module: "/other.so"}, nil,
			Where{Kind: "PKCS #11", Ref: "pkcs11:token=t", Module: "/other.so", Token: "t", PIN: "/etc/pin", Reachable: loadsModules}},
		"pkcs11:tokem=t?pin-value=1234": {Store{}, nil, Where{Kind: "PKCS #11", Ref: "pkcs11:tokem=t", Reachable: loadsModules}},
	} {
		if got := tt.store.Describe(ref, tt.contents); got != tt.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", ref, got, tt.want)
		}
	}
}

func TestTheModuleIsTheOneThatIsNamed(t *testing.T) {
	suffix := map[string]string{"linux": ".so", "darwin": ".dylib", "windows": ".dll"}[runtime.GOOS]
	for ref, want := range map[string]string{
		"pkcs11:?module-path=/lib/m.so":                     "/lib/m.so",
		"pkcs11:?module-name=opensc-pkcs11&module-path=/l/": "/l/opensc-pkcs11" + suffix,
		"pkcs11:":                           "p11-kit-proxy" + suffix, // as AWS's helper
		"pkcs11:?module-name=opensc-pkcs11": "opensc-pkcs11" + suffix,
	} {
		if got := (Store{}).Describe(ref, nil).Module; got != want {
			t.Errorf("%s: got %s, want %s", ref, got, want)
		}
	}
}

// A key that a TPM holds is recognised although no other reader knows its file.
func TestAFileThatOnlyATPMCanLoadIsNoLongerNoKey(t *testing.T) {
	_, err := Parse("key.pem", []byte("-----BEGIN TSS2 PRIVATE KEY-----\nMAA=\n-----END TSS2 PRIVATE KEY-----\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "TPM key file") {
		t.Errorf("got %v, want an error about a TPM's key", err)
	}
}
