package steps

import (
	"crypto/x509"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"time"

	"anywhere/pki"
	"anywhere/pki/ledger"
)

// KnownCertificate is a certificate of a CA that this home knows of: from a
// set-up's journal, or from the ledger of what was issued for other machines.
type KnownCertificate struct {
	SerialHex  string    `json:"serialHex"`
	CommonName string    `json:"commonName,omitempty"`
	NotAfter   time.Time `json:"notAfter,omitzero"`
	Setup      string    `json:"setup,omitempty"` // whose pair it is, if its key is here
	InUse      bool      `json:"inUse,omitempty"` // it is what that set-up signs with now

	// Users are the set-ups that sign with it now.
	Users []string `json:"users,omitempty"`

	serial  pki.Serial
	dir     string   // of the pair
	holders []string // set-ups that have the pair
}

// ledger is the memory of the set-up's CA. It lies beside a CA of ours; for one
// that lies elsewhere it is kept under the CA's own name.
func (e *Env) ledger() (ledger.Ledger, error) {
	if other := e.owner(); other != nil {
		return other.ledger()
	}
	l := ledger.Ledger{Disk: e.World.Home.Disk}
	if file := e.Value("ca.certificate"); e.importedCA() == "" && file != "" {
		l.Dir = filepath.Dir(e.World.Home.Abs(file))
		return l, nil
	}
	ca, err := e.caCertificate()
	if err != nil {
		return l, err
	}
	l.Dir = e.World.Home.CA(hashOf(ca.Raw)[:16])
	return l, nil
}

// certificatesOf lists the certificates of a CA that this home knows of, each once;
// its ledger lies in dir.
func (e *Env) certificatesOf(ca *x509.Certificate, dir string) ([]KnownCertificate, error) {
	setups, err := e.World.Home.List()
	if err != nil {
		return nil, err
	}
	var all []KnownCertificate
	for _, s := range setups {
		found, err := e.pairsOf(s.Name, ca)
		if err != nil {
			return nil, fmt.Errorf("look through set-up %s: %w", s.Name, err)
		}
		all = append(all, slices.DeleteFunc(found, func(k KnownCertificate) bool { return shared(all, k) })...)
	}
	issued, err := ledger.Ledger{Dir: dir, Disk: e.World.Home.Disk}.Issued()
	if err != nil {
		return nil, err
	}
	for _, c := range issued {
		if !slices.ContainsFunc(all, func(k KnownCertificate) bool { return k.serial == c.Serial }) {
			all = append(all, KnownCertificate{SerialHex: c.Serial.Hex(), CommonName: c.CommonName, NotAfter: c.NotAfter, serial: c.Serial})
		}
	}
	return all, nil
}

// shared says that a certificate is in the list already, and adds to it the set-ups
// that have it, too.
func shared(all []KnownCertificate, k KnownCertificate) bool {
	i := slices.IndexFunc(all, func(other KnownCertificate) bool { return other.serial == k.serial })
	if i >= 0 {
		all[i].InUse = all[i].InUse || k.InUse
		all[i].Users, all[i].holders = append(all[i].Users, k.Users...), append(all[i].holders, k.holders...)
	}
	return i >= 0
}

// pairsOf lists the pairs of a set-up that a CA has issued.
func (e *Env) pairsOf(name string, ca *x509.Certificate) ([]KnownCertificate, error) {
	place := e.World.Home.Setup(name)
	journal, err := OpenJournal(place.JournalFile(), e.World.Home.Disk)
	if err != nil {
		return nil, err
	}
	current, _ := e.World.Home.ReadSession(place) // an unfinished set-up has none
	var all []KnownCertificate
	for _, made := range journal.Standing() {
		if made.Change != "certificate.issue" {
			continue
		}
		cert, err := e.readCertificate(e.pairFile(made, "certificate.pem"))
		if err != nil || cert.CheckSignatureFrom(ca) != nil {
			continue // gone, or another CA's
		}
		found := knownOf(cert)
		found.Setup, found.dir = name, e.World.Home.Abs(made.Ref)
		found.holders = []string{name}
		if found.InUse = path.Dir(current.Key) == path.Join("pairs", path.Base(made.Ref)); found.InUse {
			found.Users = []string{name}
		}
		all = append(all, found)
	}
	return all, nil
}

func knownOf(cert *x509.Certificate) KnownCertificate {
	serial := pki.SerialOf(cert)
	return KnownCertificate{SerialHex: serial.Hex(), CommonName: cert.Subject.CommonName, NotAfter: cert.NotAfter.UTC(), serial: serial}
}
