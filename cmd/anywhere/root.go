package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"anywhere/cmd/signing"
	"anywhere/steps"
)

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, a *app) int {
	root := a.root()
	if len(args) > 0 && args[0] == "--version" { // as people try first
		args = append([]string{"version"}, args[1:]...)
	}
	root.SetArgs(append([]string{}, args...)) // of nil cobra makes the arguments of this process
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		err = &interruptedError{err}
	}
	tell(a.stderr, err)
	return exitOf(err)
}

const rootLong = `anywhere gives a machine outside AWS temporary AWS credentials by IAM Roles
Anywhere, without a long-lived key: it makes or takes a certificate authority,
issues this machine's certificate, registers trust anchor, role and Roles
Anywhere profile, writes the AWS config profile and proves that it works.

Exit codes: 0 done or healthy; 1 failed or unhealthy; 2 usage or bad input;
3 could not tell; 130 interrupted, with everything done so far in the journal.

Alone, at a terminal, it opens at home: what is set up on this machine, how
healthy it is, and what to do next.

State lies in ~/.anywhere; ANYWHERE_HOME moves it.`

const rootExample = `  anywhere setup --sandbox                   practise, without an AWS account
  anywhere setup                             set this machine up
  anywhere status                            every set-up of this machine
  anywhere teardown laptop                   take a set-up away again`

// root declares the commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "anywhere", Short: "AWS credentials for machines outside AWS, by IAM Roles Anywhere",
		Long: rootLong, Example: rootExample,
		SilenceErrors: true, SilenceUsage: true, Args: noArgs,
		RunE: a.home,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err.Error(), cmd.CommandPath() + " --help lists the flags"}
	})
	root.CompletionOptions.DisableDescriptions = false
	root.AddCommand(a.setupCommand(), a.teardownCommand(), a.doctorCommand(), a.explainCommand(), a.whoisCommand(), a.statusCommand(), a.sandboxCommand(), a.certCommand(), a.caCommand())
	for _, name := range []string{"credential-process", "serve", "update", "sign-string", "read-certificate-data", "version"} {
		root.AddCommand(a.signingCommand(name))
	}
	return root
}

// signingCommand lists a command of the signer, which reads its flags itself.
func (a *app) signingCommand(name string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: signingShort[name], DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if code := signing.Run(cmd.Context(), append([]string{name}, args...), signingWorld(a)); code != exitDone {
				return &silent{code}
			}
			return nil
		},
	}
}

var signingShort = map[string]string{
	"credential-process":    "Print credentials for the AWS CLI and SDKs",
	"serve":                 "Hand out credentials to programs of this machine",
	"update":                "Keep a section of the shared credentials file filled",
	"sign-string":           "Sign a fixed string, to show that a key works",
	"read-certificate-data": "Print a certificate as AWS's helper does",
	"version":               "Print the version",
}

// noArgs refuses arguments that would be silently ignored. One is mostly the name of a
// set-up, which these commands take by a flag.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := cmd.CommandPath() + " --help shows how it is called"
	for _, flag := range []string{"setup", "name"} {
		if len(args) == 1 && cmd.Flags().Lookup(flag) != nil {
			words := append(strings.Fields(cmd.CommandPath()), "--"+flag, args[0])
			hint = steps.Command{Args: words}.Line()
			break
		}
	}
	return &usageError{fmt.Sprintf("%s takes no argument: %q", cmd.CommandPath(), args[0]), hint}
}

// atMostOne is for commands that take a set-up's name.
func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{fmt.Sprintf("%s takes one name, not also %q", cmd.CommandPath(), args[1]), cmd.CommandPath() + " --help shows how it is called"}
	}
	return nil
}
