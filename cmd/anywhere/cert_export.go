package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"anywhere/pki/foreign"
	"anywhere/steps"
)

const certExportLong = `Writes what another machine needs to sign with a set-up of this one: its
certificate, the chain and session.json. The private key is not among them: it was
born on that machine and stays there. A CA key is never exported.

Copy the files into the other machine's ~/.anywhere, put its key where the last line
says, and anywhere credential-process --setup NAME works there.`

const certExportExample = `  anywhere cert issue --csr web01.csr --cn web01 --out web01.pem
  anywhere cert export --for-host --certificate web01.pem --out web01`

func (a *app) certExportCommand() *cobra.Command {
	var setup, certificate, out string
	var forHost, asJSON bool
	cmd := &cobra.Command{
		Use: "export", Short: "Write what another machine needs, without any key", Long: certExportLong, Example: certExportExample, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !forHost || certificate == "" || out == "" {
				return &usageError{"cert export: what, and where to?", "anywhere cert export --for-host --certificate FILE --out DIR"}
			}
			return a.orJSON(asJSON, a.certExport(cmd.Context(), setup, certificate, out, asJSON))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&setup, "setup", "", "set-up `NAME`; not needed if there is only one")
	flags.BoolVar(&forHost, "for-host", false, "for a machine that has its key already")
	flags.StringVar(&certificate, "certificate", "", "the certificate of that machine, a `FILE`")
	flags.StringVar(&out, "out", "", "write into this `DIR`")
	flags.BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return cmd
}

func (a *app) certExport(ctx context.Context, setup, certificate, out string, asJSON bool) error {
	data, err := a.readInput(certificate)
	if err != nil {
		return err
	}
	k, err := a.keepOffline(ctx, setup)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	done, err := k.runner.Export(k.name, data, dir)
	if isExist(err) {
		return &usageError{"write into " + foreign.Text(dir) + ": an export is there already", "name another directory"}
	}
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.stdout, struct {
			SchemaVersion int `json:"schemaVersion"`
			steps.Exported
		}{schemaVersion, done})
	}
	for _, file := range done.Files {
		fmt.Fprintf(a.stdout, "wrote   %s\n", foreign.Text(filepath.Join(dir, filepath.FromSlash(file))))
	}
	for _, note := range done.Notes {
		fmt.Fprintf(a.stdout, "note    %s\n", foreign.Text(note))
	}
	fmt.Fprintf(a.stdout, "there   copy %s/setups into ~/.anywhere, and its key to ~/.anywhere/%s, mode 0600\n", foreign.Text(dir), done.Key)
	return nil
}
