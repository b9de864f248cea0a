package steps

import (
	"context"
	"path/filepath"
	"time"

	"anywhere/signer/home"
)

// SignWay is how somebody can do what is waited for.
type SignWay struct {
	Who      string    `json:"who"` // with what
	Commands []Command `json:"commands"`
}

// waits is the [Pending] of a request that has no answer yet; then is what to
// type when it is there.
func (e *Env) waits(then []string) *Pending {
	leaf, err := wantedLeaf(e)
	if err != nil {
		leaf.NotAfter = leaf.NotBefore
	}
	return &Pending{
		What: "certificate of " + e.Get("leaf.cn"), Command: then,
		Hand: filepath.Join(e.World.Home.Abs(e.requestDir()), "request.pem"),
		Ways: SignWays(leaf.Name.CommonName, days(leaf.NotBefore, leaf.NotAfter)),
	}
}

// SignWays sign a request.pem for the name so that Roles Anywhere takes the
// result: CA:FALSE, digitalSignature and clientAuth. openssl takes no extension
// from a request, so it gets them in a file.
func SignWays(cn, days string) []SignWay {
	const extensions = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
	return []SignWay{
		{"openssl, with the CA's key in a file", []Command{{File: "leaf.ext", Content: extensions, Args: []string{"openssl", "x509", "-req", "-in", "request.pem",
			"-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-sha256", "-days", days, "-extfile", "leaf.ext", "-out", "machine.pem"}}}},
		{"openssl, with a CA directory", []Command{{File: "leaf.ext", Content: extensions, Args: []string{"openssl", "ca", "-in", "request.pem",
			"-md", "sha256", "-days", days, "-extfile", "leaf.ext", "-notext", "-out", "machine.pem"}}}},
		{"step-ca", []Command{{Args: []string{"step", "ca", "sign", "request.pem", "machine.pem"}}}},
		{"anywhere", []Command{{Args: []string{"anywhere", "cert", "issue", "--csr", "request.pem", "--cn", cn, "--life", days + "d", "--out", "machine.pem"}}}},
		{"AWS Private CA (ECDSA or RSA, as its key is)", []Command{
			{Sets: "CERT_ARN", Args: []string{"aws", "acm-pca", "issue-certificate", "--certificate-authority-arn", "$CA_ARN", "--csr", "fileb://request.pem",
				"--signing-algorithm", "SHA256WITHECDSA", "--template-arn", "arn:aws:acm-pca:::template/EndEntityClientAuthCertificate/V1",
				"--validity", "Value=" + days + ",Type=DAYS", "--query", "CertificateArn", "--output", "text"}},
			{Args: []string{"aws", "acm-pca", "get-certificate", "--certificate-authority-arn", "$CA_ARN", "--certificate-arn", "$CERT_ARN", "--output", "text"}},
		}},
	}
}

// answered makes sure that the answer to a request for the next certificate is
// there. Without one it makes the request, if none is open, and the renewal waits.
func (r *Runner) answered(ctx context.Context, want Renewal, ends time.Time, show func(Event)) error {
	e := r.env
	then := []string{"anywhere", "cert", "renew", "--setup", e.Setup, "--answer", "FILE"}
	if !e.World.Machine.Exists(filepath.Join(e.World.Home.Abs(e.requestDir()), "key.pem")) {
		leaf, err := wantedLeaf(e)
		if err != nil {
			return err
		}
		spec := requestSpec{Dir: filepath.ToSlash(e.requestDir()), Kind: leaf.Kind, Name: leaf.Name, DNS: leaf.DNS, URI: leaf.URI}
		if err := r.make(ctx, e.requestChange(spec), show); err != nil {
			return err
		}
	}
	if want.Answer == "" {
		return e.waits(then)
	}
	have, err := e.readAnswer(want.Answer)
	if err != nil {
		return &InvalidError{Key: "--answer", Value: want.Answer, Err: err}
	}
	if !have.issued.Certificate.NotAfter.After(ends) {
		return &hintError{"renew certificate: the answer lives no longer than the one in use", "ask for a longer life"}
	}
	r.answers.given["csr.answer"] = want.Answer
	return nil
}

// Waits says that a set-up has asked somebody for its first certificate and has
// no answer yet.
func Waits(h home.Home, name string) (bool, error) {
	journal, err := OpenJournal(h.Setup(name).JournalFile(), h.Disk)
	if err != nil {
		return false, err
	}
	asked := false
	for _, made := range journal.Standing() {
		switch made.Change {
		case "ca.request":
			asked = true
		case "certificate.issue":
			return false, nil
		}
	}
	return asked, nil
}
