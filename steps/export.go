package steps

import (
	"fmt"
	"os"
	"path"
	"path/filepath"

	"anywhere/awsapi/policy"
	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/rules"
	"anywhere/signer"
	"anywhere/signer/home"
)

// Exported is what another machine needs beside its key, which was born there.
type Exported struct {
	Setup string `json:"setup"`
	Dir   string `json:"dir"`
	// Files are relative to Dir, which stands for the other machine's home of
	// anywhere; Key is where its key belongs.
	Files []string `json:"files"`
	Key   string   `json:"key"`
	Notes []string `json:"notes,omitempty"`
}

// Export writes certificate, chain and session.json of a set-up for another
// machine into dir, which must not hold them yet. No key is read or written, the
// CA's least of all.
func (r *Runner) Export(setup string, certificate []byte, dir string) (Exported, error) {
	if err := r.loadLocally(setup, signer.Client{}); err != nil {
		return Exported{}, err
	}
	e := r.env
	current, _, err := e.inUse()
	if err != nil {
		return Exported{}, err
	}
	certs, err := decode.Certificates(certificate)
	if err != nil {
		return Exported{}, err
	}
	leaf := certs[0]
	if err := breaches(rules.Leaf, leaf); err != nil {
		return Exported{}, fmt.Errorf("export certificate: %w", err)
	}
	ca, err := e.caCertificate()
	if err == nil && leaf.CheckSignatureFrom(ca) != nil && len(certs) == 1 {
		err = &hintError{"export certificate: " + ca.Subject.CommonName + " has not issued " + pki.SerialOf(leaf).Hex() + " itself",
			"put the certificates between them into the same file, below it"}
	}
	if err != nil {
		return Exported{}, err
	}
	serial := pki.SerialOf(leaf).Hex()
	next := current
	next.Renewal = home.Renewal{} // what renews is on this machine
	next.Certificate, next.Key = leaf.Raw, path.Join("pairs", serial, "key.pem")
	if len(certs) > 1 {
		next.Chain = rawOf(pki.Above(leaf, certs))
	}
	out := Exported{Setup: setup, Dir: dir, Key: path.Join("setups", setup, next.Key)}
	out.Files = []string{path.Join("setups", setup, "pairs", serial, "certificate.pem"), path.Join("setups", setup, "session.json")}
	contents := [][]byte{pki.EncodeCertificates(certs...), next.Encode()}
	disk := e.World.Home.Disk
	for i, name := range out.Files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := disk.Mkdir(filepath.Dir(file), home.DirPerm); err != nil {
			return out, err
		}
		if err := disk.Create(file, contents[i], os.FileMode(home.SecretPerm)); err != nil {
			return out, err
		}
	}
	out.Notes = e.exportNotes(leaf.Subject.CommonName)
	return out, nil
}

// exportNotes say what still stands between the other machine and AWS.
func (e *Env) exportNotes(cn string) []string {
	var notes []string
	if e.Get("role.restrict") == string(policy.ByCN) && cn != e.Get("leaf.cn") {
		notes = append(notes, "The role lets in CN="+e.Get("leaf.cn")+" alone. Let CN="+cn+" in too in its trust policy, or set this machine up with a role of its own.")
	}
	if e.Started.Mode == home.ModeSandbox {
		notes = append(notes, "The sandbox is on this machine alone; no other one reaches it.")
	}
	return notes
}
