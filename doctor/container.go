package doctor

import (
	"anywhere/pki/decode"
	"anywhere/pki/decode/pkcs12"
)

// container reads a PKCS #12 file, which holds key and certificates together. AWS's
// helper opens it with an empty password alone, and sends all that is in it.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/credential-helper.html
func (g *gatherer) container() bool {
	s := g.subject
	if len(s.Leaf) > 0 || s.CertificateFile == "" || s.KeyRef != "" && s.KeyRef != s.CertificateFile {
		return false
	}
	data, err := g.read(s.CertificateFile)
	if err != nil || !decode.IsPKCS12(data) {
		return false
	}
	key, seen := &g.e.Key, &g.e.Certificate
	key.Ref, key.File, seen.File = s.CertificateFile, look(s.CertificateFile), look(s.CertificateFile)
	passphrase := s.Passphrase
	if s.Client == ClientHelper {
		passphrase = nil
	}
	all, err := pkcs12.Decode(data, passphrase)
	if err != nil {
		key.Trouble = troubleOf(err)
		seen.Trouble = &Trouble{Kind: NotAsked, Says: "it lies in the PKCS #12 file of the key"}
		return true
	}
	if all.Key != nil {
		g.keep(all.Key)
	} else {
		key.Trouble = &Trouble{Kind: NotAKey, Says: "the PKCS #12 file has no key"}
	}
	if all.Certificate == nil {
		return true
	}
	seen.Leaf = all.Certificate.Raw
	seen.All = [][]byte{seen.Leaf}
	for _, other := range all.Others {
		seen.All = append(seen.All, other.Raw)
	}
	seen.Sent = seen.All[1:]
	if s.Client == ClientAnywhere {
		seen.Sent = inOrderOfIssue(seen.Leaf, seen.Sent)
	}
	return true
}
