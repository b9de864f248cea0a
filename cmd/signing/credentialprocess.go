package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"anywhere/signer/home"
	"anywhere/signer/session"
)

// options are the flags of credential-process: ours, and those of AWS's helper
// with its names and defaults.
type options struct {
	setup, home string
	noCache     bool
	endpoint    string
	region      string
	allowHTTP   bool
	noVerify    bool
	withProxy   bool
	debug       bool

	certificate, privateKey, intermediates string
	anchorARN, profileARN, roleARN         string
	duration                               int // seconds; 0 means not given
	sessionName                            string
	passphrase                             passphraseFrom
}

// flags declares them.
func (o *options) flags() []flag {
	const stores = "give files with --certificate and --private-key"
	return []flag{
		{name: "setup", says: "sign for the set-up of this name", text: &o.setup},
		{name: "home", says: "where set-ups lie; default ANYWHERE_HOME, then ~/.anywhere", text: &o.home},
		{name: "no-cache", says: "ask AWS for a new session; nothing is kept in any case", yes: &o.noCache},
		{name: "endpoint", says: "base URL of Roles Anywhere; default AWS's own of the Region", text: &o.endpoint},
		{name: "allow-http", says: "allow plain http to another machine", yes: &o.allowHTTP},
		{name: "region", says: "Region of endpoint and signature; default the trust anchor's", text: &o.region},
		{name: "certificate", says: "file of the certificate, its chain after it if any", text: &o.certificate},
		{name: "private-key", says: "file of the private key; default the certificate's file", text: &o.privateKey},
		{name: "intermediates", says: "file of intermediate certificates", text: &o.intermediates},
		{name: "trust-anchor-arn", says: "trust anchor to authenticate with", text: &o.anchorARN},
		{name: "profile-arn", says: "Roles Anywhere profile to use", text: &o.profileARN},
		{name: "role-arn", says: "role to assume", text: &o.roleARN},
		{name: "session-duration", says: "seconds, 900 to 43200; default 3600", number: &o.duration},
		{name: "role-session-name", says: "session name; default the certificate's serial", text: &o.sessionName},
		{name: "pkcs8-password", says: "passphrase of the key; every user can see it in the process list", text: &o.passphrase.argument},
		{name: "key-passphrase-file", says: "file with the passphrase of the key", text: &o.passphrase.file},
		{name: "key-passphrase-env", says: "environment variable with the passphrase of the key", text: &o.passphrase.env},
		{name: "no-verify-ssl", says: "do not verify the server's certificate; for tests only", yes: &o.noVerify},
		{name: "with-proxy", says: "accepted for AWS's helper: the proxy variables are always used", yes: &o.withProxy},
		{name: "debug", says: "say on stderr what is asked and answered, without secrets", yes: &o.debug},
		{name: "cert-selector", says: "choosing from a system's certificate store", instead: stores},
		{name: "system-store-name", says: "choosing from a system's certificate store", instead: stores},
		{name: "use-latest-expiring-certificate", says: "choosing from a system's certificate store", instead: stores},
		{name: "pkcs11-lib", says: "PKCS #11", instead: stores},
		{name: "reuse-pin", says: "PKCS #11", instead: stores},
		{name: "tpm-key-password", says: "TPM 2.0", instead: stores},
		{name: "no-tpm-key-password", says: "TPM 2.0", instead: stores},
	}
}

// credentialProcess prints one session as the JSON of a credential_process and
// nothing else.
func credentialProcess(ctx context.Context, w World, args []string) error {
	var o options
	flags := o.flags()
	if err := parse(args, flags); errors.Is(err, errHelp) {
		io.WriteString(w.Stdout, describe(w.Program, "credential-process", flags))
		return nil
	} else if err != nil {
		return err
	}
	j, err := o.job(w)
	if err != nil {
		return err
	}
	wire, err := o.wire(w, j.target.Endpoint)
	if err != nil {
		return err
	}
	client := session.Client{
		Wire:      wire,
		Now:       w.Now,
		UserAgent: fmt.Sprintf("anywhere/%s (%s; %s; %s)", w.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH),
		AllowHTTP: o.allowHTTP,
		Jitter:    jitter(w.Random),
	}
	credentials, err := client.CreateSession(ctx, j.target, j.identity)
	if err != nil {
		return explain(err, j.identity, w.Now())
	}
	_, err = w.Stdout.Write(credentials.ProcessJSON())
	return err
}

// job is one session to ask for.
type job struct {
	target   session.Target
	identity session.Identity
}

// job gathers what the flags, or the set-up that they name, say.
func (o options) job(w World) (job, error) {
	if o.setup == "" {
		return o.jobOfFlags(w)
	}
	if o.certificate+o.privateKey+o.intermediates+o.anchorARN+o.profileARN+o.roleARN != "" {
		return job{}, &usageError{"--setup: its certificate, key and ARNs come from the set-up", "leave out the other flags, or --setup"}
	}
	root, err := o.home, error(nil)
	if root == "" {
		if root, err = home.Root(w.Getenv); err != nil {
			return job{}, err
		}
	}
	if err := home.ValidName(o.setup); err != nil {
		return job{}, &usageError{err.Error(), ""}
	}
	h := home.Home{Root: root}
	s := h.Setup(o.setup)
	file, identity, err := h.ReadIdentity(s, o.passphrase.ask(w))
	if err != nil {
		return job{}, err
	}
	target := file.Target()
	o.apply(&target)
	target.Endpoint = o.endpointFor(w, target, file.Mode == home.ModeAWS)
	return job{target, identity}, nil
}

// jobOfFlags is the job as AWS's helper takes it.
func (o options) jobOfFlags(w World) (job, error) {
	if o.certificate == "" {
		return job{}, &usageError{"neither --setup nor --certificate is given", "anywhere status lists the set-ups"}
	}
	target, err := session.Target{
		TrustAnchorARN: o.anchorARN,
		ProfileARN:     o.profileARN,
		RoleARN:        o.roleARN,
		Region:         o.region,
		Duration:       3600 * time.Second, // as AWS's helper always sends it
	}.Check()
	if err != nil {
		return job{}, &usageError{err.Error(), hint(err)}
	}
	o.apply(&target)
	target.Endpoint = o.endpointFor(w, target, false)
	identity, err := o.identity(w)
	return job{target, identity}, err
}

// apply lets flags override what a set-up says.
func (o options) apply(t *session.Target) {
	if o.region != "" {
		t.Region = o.region
	}
	if o.sessionName != "" {
		t.SessionName = o.sessionName
	}
	if o.duration != 0 {
		t.Duration = time.Duration(o.duration) * time.Second
	}
}
