package main

import "github.com/spf13/cobra"

const certLong = `Issues, renews, revokes and hands out certificates of machines.

What is renewed or issued by a CA of this machine needs that CA's key; a locked
key asks for its passphrase, or reads it from --ca-passphrase-file, -env or -fd.`

// certCommand gathers what is done to certificates.
func (a *app) certCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "cert", Short: "Inspect, renew, issue, revoke and export certificates", Long: certLong, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.certInspectCommand(), a.certRenewCommand(), a.certRequestCommand(), a.certIssueCommand(), a.certExportCommand(), a.certRevokeCommand())
	return cmd
}
