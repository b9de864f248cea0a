package main

import "github.com/spf13/cobra"

// caCommand gathers what is done to certificate authorities.
func (a *app) caCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "ca", Short: "Look after certificate authorities", Args: noArgs,
		Long: "Looks after the certificate authority of a set-up and its revocation list.",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.caCreateCommand(), a.caImportCommand(), a.caRotateCommand(), a.caCRLCommand())
	return cmd
}
