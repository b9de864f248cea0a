package doctor

import "crypto/x509"

// SessionTags are the tags that a session with this certificate gets where the
// Roles Anywhere profile maps by default, by name such as x509Subject/CN, and the
// attributes that AWS drops because no tag may have their characters.
func SessionTags(cert *x509.Certificate) (tags, dropped map[string]string) {
	t := tagsOf(cert, nil)
	return t.tags, t.dropped
}
