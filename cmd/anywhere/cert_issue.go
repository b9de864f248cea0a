package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"anywhere/pki"
	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

const certIssueLong = `Issues certificates for other machines with the CA of a set-up.

With --csr the key stays where it was born: on the other machine, make the key and
the request, and hand over the request alone. The name comes from --cn, never from
the request. The certificate goes to standard output, or into the file --out.

Without --csr a key is made here too, and both go into the directory --out; carry
them over as you would a password. --list does that for every line of a file: a
common name and, after a blank, the file of a request if there is one. Where --out
ends in .tar it becomes one archive of these directories, readable by you alone: for
hundreds of names that is several times as fast. A run that was stopped goes on
where it was.

Everything issued stands in the CA's ledger, so cert revoke finds it by name.`

const certIssueExample = `  on the machine:  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=web01 -out web01.csr
  here:            anywhere cert issue --csr web01.csr --cn web01 --out web01.pem
  here:            anywhere cert issue --list machines.txt --out certificates
  here:            anywhere cert issue --list machines.txt --out certificates.tar`

// certIssueFlags are the flags of anywhere cert issue.
type certIssueFlags struct {
	setup, cn, csr, out, list, life, kind string
	organization, unit                    string
	dns, uris                             []string
	key                                   caKeyFlags
}

func (a *app) certIssueCommand() *cobra.Command {
	var f certIssueFlags
	cmd := &cobra.Command{
		Use: "issue", Short: "Issue certificates for other machines", Long: certIssueLong, Example: certIssueExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.certIssue(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.setup, "setup", "", "set-up `NAME` whose CA issues; not needed if there is only one")
	flags.StringVar(&f.cn, "cn", "", "common `NAME` of the machine")
	flags.StringVar(&f.csr, "csr", "", "its certificate request, a `FILE` in PEM or DER; - reads standard input")
	flags.StringVar(&f.out, "out", "", "write to this `PATH`, which must not exist yet")
	flags.StringVar(&f.list, "list", "", "issue for every line of `FILE`")
	flags.StringVar(&f.life, "life", "90d", "how long it lives: `SPAN` such as 24h, 90d or 1y")
	flags.StringVar(&f.kind, "key-kind", string(pki.P256), "`KIND` of a key that is made here")
	flags.StringVar(&f.organization, "organization", "", "organisation (O)")
	flags.StringVar(&f.unit, "ou", "", "organisational unit (OU)")
	flags.StringArrayVar(&f.dns, "dns", nil, "DNS `NAME` in the certificate")
	flags.StringArrayVar(&f.uris, "uri", nil, "`URI` in the certificate")
	f.key.declare(cmd)
	f.key.declareWhere(cmd)
	return cmd
}

func (f certIssueFlags) check() error {
	switch {
	case f.list != "" && (f.cn != "" || f.csr != ""):
		return &usageError{"cert issue: --list names the machines, --cn and --csr name one", "leave one of them out"}
	case f.list == "" && f.cn == "":
		return &usageError{"cert issue: which name? It is never taken from a request", "add --cn NAME"}
	case f.out == "" && f.csr == "":
		return &usageError{"cert issue: where to? A key is never printed", "add --out DIR, or --csr FILE of a key that was born elsewhere"}
	}
	return nil
}

// orders are the certificates that the flags ask for.
func (f certIssueFlags) orders(a *app) ([]steps.Order, error) {
	base := steps.Order{Name: pki.Name{CommonName: f.cn, Organization: f.organization, OrganizationalUnit: f.unit}, DNS: f.dns, URIs: f.uris}
	if f.list != "" {
		return a.listed(f.list, base)
	}
	if f.csr != "" {
		data, err := a.readInput(f.csr)
		if err != nil {
			return nil, err
		}
		base.CSR = data
	}
	return []steps.Order{base}, nil
}

func (a *app) certIssue(ctx context.Context, f certIssueFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	orders, err := f.orders(a)
	if err != nil {
		return err
	}
	k, err := a.keepOffline(ctx, f.setup)
	if err != nil {
		return err
	}
	if err := k.find(f.key); err != nil {
		return err
	}
	passphrase, err := a.caPassphrase(ctx, f.key)
	if err != nil {
		return err
	}
	want := steps.Issuing{Setup: k.name, Life: f.life, Kind: pki.KeyKind(f.kind), Passphrase: passphrase}
	if f.list != "" {
		return k.issueList(ctx, want, orders, f.out)
	}
	return k.runner.Issue(ctx, want, orders, func(made []steps.Delivery) (func() error, error) {
		return func() error { return k.deliverOne(made[0], f.out) }, nil
	})
}

// deliverOne writes one certificate where it was asked for.
func (k *keeping) deliverOne(d steps.Delivery, out string) error {
	if d.Asked != "" {
		fmt.Fprintf(k.app.stderr, "note: the request asks for CN=%s; the certificate says CN=%s\n", foreign.Text(d.Asked), d.Order.Name.CommonName)
	}
	switch {
	case d.KeyPEM != nil:
		if err := writePair(k.doors.home, out, d); err != nil {
			return err
		}
		fmt.Fprintf(k.app.stderr, "wrote %s and key.pem; whoever has the key is this machine to AWS\n", filepath.Join(out, "certificate.pem"))
		return nil
	case out != "":
		return createNew(k.doors.home, out, d.CertificatePEM, 0o644)
	}
	_, err := k.app.stdout.Write(d.CertificatePEM)
	return err
}

// writePair writes key and certificate into a new directory, the certificate
// last: it stands for a whole pair.
func writePair(h home.Home, dir string, d steps.Delivery) error {
	if err := h.Disk.Mkdir(dir, home.DirPerm); err != nil {
		return err
	}
	if err := createNew(h, filepath.Join(dir, "key.pem"), d.KeyPEM, home.SecretPerm); err != nil {
		return err
	}
	return createNew(h, filepath.Join(dir, "certificate.pem"), d.CertificatePEM, 0o644)
}

// isExist says that something stands where a new file was to go.
func isExist(err error) bool { return errors.Is(err, fs.ErrExist) }

// createNew writes a file that must not exist yet.
func createNew(h home.Home, path string, data []byte, perm fs.FileMode) error {
	err := h.Disk.Create(path, data, perm)
	if isExist(err) {
		return &usageError{"write " + foreign.Text(path) + ": it exists already", "name a path that does not exist yet"}
	}
	return err
}
