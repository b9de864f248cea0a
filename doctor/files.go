package doctor

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer"
	"anywhere/signer/keystore"
)

// files reads key and certificates.
func (g *gatherer) files() {
	s := g.subject
	if s.Trouble != nil {
		return
	}
	if !g.container() {
		g.certificates()
		g.openKey() // a token with several keys is asked for the certificate's
	}
	if s.CAKeyFile != "" {
		f := look(s.CAKeyFile)
		if data, err := g.read(s.CAKeyFile); err == nil {
			_, err := decode.Key(data, nil)
			f.Locked = errors.Is(err, decode.ErrPassphraseNeeded)
		}
		g.e.CAKey = &f
	}
}

// look asks the system about a file, without opening it.
func look(path string) FileSeen {
	f := FileSeen{Path: path}
	if path == "" {
		return f
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
		f.Link = true
	}
	info, err := os.Stat(path)
	if err != nil {
		f.Trouble = troubleOf(err)
		return f
	}
	f.Mode = uint32(info.Mode().Perm())
	return f
}

// contentsRead is what was read of a file, or why nothing was.
type contentsRead struct {
	data []byte
	err  error
}

// read reads a file once, whoever wants it: a pipe gives what it holds only once, and
// who gives one writes into it soon.
func (g *gatherer) read(path string) ([]byte, error) {
	known, found := g.contents[path]
	if !found {
		known.data, known.err = keystore.ReadFileWithin(path, g.Patience/4)
		g.contents[path] = known
	}
	return known.data, known.err
}

// openKey opens the key once and keeps its public half.
func (g *gatherer) openKey() {
	s, seen := g.subject, &g.e.Key
	if s.KeyRef == "" {
		return
	}
	store := g.store()
	path := filepath.FromSlash(s.KeyRef)
	if s.KeyDir != "" && !filepath.IsAbs(path) && keystore.Device(s.KeyRef) == "" {
		path = filepath.Join(s.KeyDir, path)
	}
	g.describeKey(store, path)
	if seen.Trouble = g.handsOff(); seen.Trouble != nil {
		return
	}
	var key crypto.Signer
	var err error
	switch {
	case s.KeyDir != "":
		key, err = store.Open(s.KeyRef, s.KeyDir)
	case keystore.Device(s.KeyRef) != "":
		key, err = store.OpenFile(s.KeyRef)
	default:
		var data []byte
		if data, err = g.read(s.KeyRef); err == nil {
			key, err = store.Parse(s.KeyRef, data)
		}
	}
	if err != nil {
		seen.Trouble = troubleOf(err)
	}
	if seen.Trouble != nil && seen.Trouble.Kind == NotAKey {
		seen.File.Holds = g.contentsOf(path)
	}
	if err != nil {
		return
	}
	g.keep(key)
}

// keep keeps an open key for the session, and its public half as evidence.
func (g *gatherer) keep(key crypto.Signer) {
	g.key = key
	kind, _ := pki.KindOf(key.Public())
	g.e.Key.Kind = string(kind)
	if pub, err := x509.MarshalPKIXPublicKey(key.Public()); err == nil {
		g.e.Key.Public = pub
	}
}

// certificates reads the certificate and works out what the client would send.
func (g *gatherer) certificates() {
	s, seen := g.subject, &g.e.Certificate
	if len(s.Leaf) > 0 {
		seen.Leaf, seen.Sent = s.Leaf, s.Chain
		seen.All = append([][]byte{s.Leaf}, s.Chain...)
		return
	}
	if s.CertificateFile == "" {
		return
	}
	if keystore.Device(s.CertificateFile) == "" {
		seen.File = look(s.CertificateFile)
	}
	if keystore.Device(s.CertificateFile) != "" {
		g.tokenCertificate()
		return
	}
	seen.All, seen.Trouble = g.readCertificates(s.CertificateFile)
	if data, err := g.read(s.CertificateFile); err == nil {
		seen.File.Form = formOf(data)
	}
	if len(seen.All) == 0 {
		seen.File.Holds = g.contentsOf(s.CertificateFile)
		return
	}
	seen.Leaf = seen.All[0]
	var extra [][]byte
	if s.ChainFile != "" {
		seen.Extra = look(s.ChainFile)
		if extra, seen.Extra.Trouble = g.readCertificates(s.ChainFile); seen.Extra.Trouble != nil {
			seen.Trouble = seen.Extra.Trouble
		}
	}
	seen.Sent = extra // AWS's helper sends the file of intermediates as it is
	if s.Client == ClientAnywhere && parsed(seen.Leaf) != nil && s.Config.Helper.Flags["send-chain-as-given"] == "" {
		seen.Sent = inOrderOfIssue(seen.Leaf, slices.Concat(seen.All[1:], extra))
	}
}

// formOf tells the forms apart that AWS's helper does not read; empty for all others.
func formOf(data []byte) Form {
	if block, _ := pem.Decode(data); block != nil {
		if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return FormLegacy
		}
		return ""
	}
	if _, err := x509.ParseCertificate(data); err == nil {
		return FormDER
	}
	for _, parse := range []func([]byte) (any, error){
		x509.ParsePKCS8PrivateKey,
		func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) },
		func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
	} {
		if _, err := parse(data); err == nil {
			return FormDER
		}
	}
	return ""
}

// contentsOf says what a file holds; nothing of one that cannot be read.
func (g *gatherer) contentsOf(path string) string {
	data, err := g.read(path)
	if err != nil {
		return ""
	}
	return contents(data)
}

// inOrderOfIssue is the chain as our signer sends it.
func inOrderOfIssue(leaf []byte, pool [][]byte) [][]byte {
	var sent [][]byte
	for _, cert := range signer.OrderChain(parsed(leaf), parsedAll(pool)) {
		sent = append(sent, cert.Raw)
	}
	return sent
}

// readCertificates reads every certificate of a file, DER, those included that
// crypto/x509 refuses.
func (g *gatherer) readCertificates(path string) ([][]byte, *Trouble) {
	data, err := g.read(path)
	if err != nil {
		return nil, troubleOf(err)
	}
	return certificatesIn(data)
}

func certificatesIn(data []byte) ([][]byte, *Trouble) {
	certs, err := decode.Certificates(data)
	var ders [][]byte
	for _, cert := range certs {
		ders = append(ders, cert.Raw)
	}
	if err == nil {
		return ders, nil
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "CERTIFICATE") {
			ders = append(ders, block.Bytes)
		}
	}
	if len(ders) == 0 && bytes.HasPrefix(data, []byte{0x30}) && !errors.Is(err, decode.ErrNotACertificate) {
		ders = append(ders, data)
	}
	if len(ders) > 0 {
		return ders, nil
	}
	t := troubleOf(err)
	t.Kind = Unreadable
	return nil, t
}

// looksLikeCA takes a root that lacks what a CA needs for one, too.
func looksLikeCA(cert *x509.Certificate) bool {
	may := cert.KeyUsage == 0 || cert.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0
	return cert.IsCA || may && selfSigned(cert)
}

// CertificateEvidence is evidence about certificates alone, from a file's bytes.
// A first certificate that is a CA is judged as one.
func CertificateEvidence(data []byte, name string, now time.Time) *Evidence {
	e := &Evidence{SchemaVersion: SchemaVersion, At: now, Kind: KindFiles, Name: name, Client: ClientAnywhere, Offline: true}
	ders, trouble := certificatesIn(data)
	e.Certificate = CertificateSeen{File: FileSeen{Path: name}, All: ders, Trouble: trouble}
	if len(ders) == 0 {
		return e
	}
	if first := parsed(ders[0]); first != nil && looksLikeCA(first) {
		e.AWS.Anchor = Answer[awsapi.Anchor]{Asked: true, Value: awsapi.Anchor{Enabled: true,
			Source: awsapi.AnchorSource{Bundle: string(pki.EncodeCertificates(first))}}}
		return e
	}
	e.Certificate.Leaf, e.Certificate.Sent = ders[0], ders[1:]
	return e
}
