package kept

import (
	"encoding/base64"
	"hash/fnv"
	"strconv"

	"anywhere/signer/exchange"
	"anywhere/signer/pointer"
)

// FlagsLabel is the label of sessions that no set-up has a name for.
const FlagsLabel = "_flags"

// Key names one session and holds what AWS was asked.
type Key struct {
	// Name is what the names of its files begin with. Two keys of one name take
	// each other's place, which costs a question to AWS and nothing else.
	Name  string
	asked string // base64 of label and parts, compared with the entry's
}

// KeyOf makes a key of a label and of all that could change AWS's answer. The
// parts lie in the entry as they are: none may be a secret.
func KeyOf(label string, parts ...[]byte) Key {
	size := 4 + len(label)
	for _, part := range parts {
		size += 4 + len(part)
	}
	all := appendPart(make([]byte, 0, size), []byte(label))
	for _, part := range parts {
		all = appendPart(all, part)
	}
	// A hash that only spreads: what was asked is compared whole. A better one would
	// be initialised with all of crypto.
	hash := fnv.New64a()
	hash.Write(all)
	return Key{label + "." + strconv.FormatUint(hash.Sum64(), 16), base64.StdEncoding.EncodeToString(all)}
}

// appendPart writes a part's length before it, so that no two lists read alike.
func appendPart(all, part []byte) []byte {
	n := len(part)
	return append(append(all, byte(n>>24), byte(n>>16), byte(n>>8), byte(n)), part...)
}

// Asking is how a session is asked for, apart from what a [exchange.Target] says.
type Asking struct {
	ChainAsGiven bool
	EvenLocked   bool // --cache: kept though its key has a password or lies in hardware
}

// KeyFor is the key of a session that t asks for and who asks.
func KeyFor(label string, t exchange.Target, how Asking, who ...[]byte) Key {
	parts := make([][]byte, 0, 9+len(who))
	for _, text := range [...]string{
		t.TrustAnchorARN, t.ProfileARN, t.RoleARN, t.SessionName, t.Duration.String(), t.Region, t.Endpoint,
		strconv.FormatBool(how.ChainAsGiven), strconv.FormatBool(how.EvenLocked),
	} {
		parts = append(parts, []byte(text))
	}
	return KeyOf(label, append(parts, who...)...)
}

// KeyOfSetup is the key of a session that the set-up of s asks for. ref is the
// reference of its key without what may be secret in it.
func KeyOfSetup(s pointer.Session, t exchange.Target, how Asking, ref string) Key {
	return KeyFor(s.Setup, t, how, append([][]byte{s.Certificate, []byte(ref)}, s.Chain...)...)
}
