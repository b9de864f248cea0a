package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"anywhere/pki"
	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

const certRequestLong = `Makes a key and a certificate request for this machine, to hand to somebody who has
a CA. The key stays in the directory --out; the request goes to that person, with
the commands that this prints. The answer is taken back by

  anywhere setup --set ca.issuer=files --set leaf.certificate=ANSWER \
    --set leaf.private-key=DIR/key.pem --set ca.certificate=CA`

const certRequestExample = `  anywhere cert request --cn build-box-7 --out request`

func (a *app) certRequestCommand() *cobra.Command {
	var cn, out, kind string
	var dns []string
	cmd := &cobra.Command{
		Use: "request", Short: "Make a key and a request for somebody else's CA", Long: certRequestLong, Example: certRequestExample, Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if cn == "" || out == "" {
				return &usageError{"cert request: whose, and where to?", "anywhere cert request --cn NAME --out DIR"}
			}
			return a.certRequest(pki.LeafSpec{Name: pki.Name{CommonName: cn}, DNS: dns}, pki.KeyKind(kind), out)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cn, "cn", "", "common `NAME` of this machine")
	flags.StringVar(&out, "out", "", "directory to write to: `DIR`")
	flags.StringVar(&kind, "key-kind", string(pki.P256), "`KIND` of the key")
	flags.StringArrayVar(&dns, "dns", nil, "DNS `NAME` to ask for")
	return cmd
}

func (a *app) certRequest(spec pki.LeafSpec, kind pki.KeyKind, out string) error {
	h, err := a.openHome()
	if err != nil {
		return err
	}
	key, err := pki.NewKey(kind, a.random)
	if err != nil {
		return &usageError{err.Error(), fmt.Sprintf("one of %v", pki.KeyKinds())}
	}
	der, err := pki.NewCSR(spec, key, a.random)
	if err != nil {
		return &usageError{err.Error(), hintOf(err)}
	}
	encoded, err := pki.EncodeKey(key)
	if err != nil {
		return err
	}
	if err := h.Disk.Mkdir(out, home.DirPerm); err != nil {
		return err
	}
	if err := createNew(h, filepath.Join(out, "key.pem"), encoded, home.SecretPerm); err != nil {
		return err
	}
	request := filepath.Join(out, "request.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	if err := createNew(h, request, block, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Hand over %s. Whoever has the CA signs it with one of these:\n\n", foreign.Text(request))
	printSignWays(a.stdout, steps.SignWays(spec.Name.CommonName, "90"))
	fmt.Fprintf(a.stdout, "\nand sends back machine.pem and the CA's certificate. Then, here:\n\n  %s\n", shellescape.QuoteCommand([]string{
		"anywhere", "setup", "--set", "ca.issuer=files", "--set", "leaf.certificate=machine.pem",
		"--set", "leaf.private-key=" + filepath.Join(out, "key.pem"), "--set", "ca.certificate=ca.pem"}))
	return nil
}

// printSignWays prints what somebody with a CA can type.
func printSignWays(w io.Writer, ways []steps.SignWay) {
	for _, way := range ways {
		fmt.Fprintf(w, "  # %s\n", way.Who)
		for _, c := range way.Commands {
			for line := range strings.Lines(c.Shell()) {
				fmt.Fprintf(w, "  %s", line)
			}
		}
	}
}
