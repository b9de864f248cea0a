package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"anywhere/awsapi/sandbox"
	"anywhere/signer/home"
	"anywhere/signer/sharedconfig"
)

const sandboxLong = `Serves the sandbox: an AWS on this machine, for practice, that refuses what AWS
refuses. It listens on 127.0.0.1 only, it never reads or changes your own AWS files,
and it keeps its state until it is removed.

  anywhere sandbox               serves until it is stopped
  anywhere sandbox -- COMMAND    serves while COMMAND runs, with the environment set
  anywhere sandbox env           prints that environment for a shell
  anywhere sandbox --break FAULT makes something go wrong, and serves; FAULT@SETUP
                                 says whose; list, random and none are known too
  anywhere sandbox --reset       empties the sandbox

Its account is 000000000000. --account makes another one, if it is not there yet, and
gives the environment of that: of its newest set-up or, with env --admin, of its
administrator. anywhere setup --sandbox --account sets up in it.

What --break does lasts until --break none. Where another process serves the
sandbox, --break and --reset reach that one and return.`

func (a *app) sandboxCommand() *cobra.Command {
	var f sandboxFlags
	cmd := &cobra.Command{
		Use: "sandbox [flags] [-- COMMAND...]", Short: "Serve the AWS on this machine, for practice", Long: sandboxLong,
		Example: "  anywhere sandbox -- aws s3 ls\n  anywhere sandbox --account 222222222222 -- aws s3 ls\n  eval \"$(anywhere sandbox env)\"",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return &usageError{fmt.Sprintf("%s: %q", cmd.CommandPath(), args[0]), "put -- before the command: anywhere sandbox -- " + args[0]}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.Contains(f.faults, "list") {
				return a.listFaults()
			}
			f.seeded = cmd.Flags().Changed("seed")
			return a.serveSandbox(cmd.Context(), f, args)
		},
	}
	cmd.Flags().StringVar(&f.listen, "listen", "", "loopback `ADDR` to listen on; default 127.0.0.1 and port 9912 or the next free one")
	cmd.PersistentFlags().StringVar(&f.state, "state", "", "keep the state in `DIR`; default ~/.anywhere/sandbox")
	cmd.PersistentFlags().StringVar(&f.account, "account", "", "the account, 12 digits, that the environment is for; default that of the newest set-up")
	cmd.Flags().StringArrayVar(&f.faults, "break", nil, "make `FAULT` go wrong; list shows them; may be given several times")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "`NUMBER` that faults of chance are drawn from")
	cmd.Flags().BoolVar(&f.strictEKU, "strict-eku", false, "refuse certificates without the extended key usage clientAuth; the same as --break strict-eku")
	cmd.Flags().BoolVar(&f.reset, "reset", false, "empty the sandbox first; alone, do nothing else")
	cmd.AddCommand(a.sandboxEnvCommand(&f.state, &f.account))
	return cmd
}

// sandboxAt is the sandbox's configuration for --state and --listen.
func (a *app) sandboxAt(state, listen string) (home.Home, sandbox.Config, error) {
	h, err := a.openHome()
	if err != nil {
		return h, sandbox.Config{}, err
	}
	cfg := a.sandboxConfig(h)
	if state != "" {
		if cfg.Dir, err = filepath.Abs(state); err != nil { // the environment names files in it, for shells elsewhere
			return h, sandbox.Config{}, fmt.Errorf("find the sandbox's state: %w", err)
		}
	}
	cfg.Addr = listen
	return h, cfg, nil
}

func (a *app) serveSandbox(ctx context.Context, f sandboxFlags, command []string) error {
	if err := validAccount(f.account); err != nil {
		return err
	}
	h, cfg, err := a.sandboxAt(f.state, f.listen)
	if err != nil {
		return err
	}
	running, err := sandbox.Ensure(ctx, cfg)
	if err != nil {
		return err
	}
	if err := a.movePort(h, cfg.Dir, running.URL); err != nil {
		return errors.Join(err, running.Close())
	}
	if err := a.change(ctx, h, running, f); err != nil {
		return errors.Join(err, running.Close())
	}
	if f.account != "" {
		if _, err := running.AdminOf(ctx, f.account); err != nil {
			return errors.Join(err, running.Close())
		}
	}
	if len(command) > 0 {
		err := a.runIn(ctx, a.sandboxVariables(h, cfg.Dir, running, f.account), command)
		return errors.Join(err, running.Close())
	}
	if f.onlyChanges(running) {
		return running.Close()
	}
	if !running.Serves() {
		return &hinted{fmt.Errorf("serve sandbox: another process serves it at %s", running.URL), "use that one: " + envOf(f.state)}
	}
	fmt.Fprintf(a.stderr, "The sandbox serves at %s until it is stopped (ctrl+c).\nIn another shell: %s\n", running.URL, envOf(f.state))
	if err := running.Wait(ctx); err != nil {
		return err
	}
	return nil
}

// sandboxCommand is the command that serves the sandbox of --state.
func sandboxCommand(state string, more ...string) string {
	words := append([]string{"anywhere", "sandbox"}, more...)
	if state != "" {
		words = append(words, "--state", shellescape.Quote(state))
	}
	return strings.Join(words, " ")
}

// envOf is what another shell types to use that sandbox.
func envOf(state string) string { return `eval "$(` + sandboxCommand(state, "env") + `)"` }

// sandboxVariables is the environment in which the AWS CLI uses the sandbox.
func (a *app) sandboxVariables(h home.Home, state string, running *sandbox.Running, account string) []sandbox.Variable {
	files := sandboxFiles(state)
	return sandbox.Environment(running.URL, sandbox.DefaultRegion, newestSection(h, files.Config, account), files)
}

// validAccount refuses what cannot be the number of an account.
func validAccount(number string) error {
	if number == "" {
		return nil
	}
	if err := sandbox.ValidAccount(number); err != nil {
		return &usageError{"--account: " + err.Error(), "aws sts get-caller-identity shows it"}
	}
	return nil
}

// newestSection is the AWS config profile that the environment selects: the last one
// of the sandbox's config file or, where an account is named, of a set-up in that.
func newestSection(h home.Home, file, account string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	name, doc := "", sharedconfig.Parse(data)
	for _, section := range doc.Sections() {
		line, _ := doc.Get(section, "credential_process")
		if rest, ok := strings.CutPrefix(section, "profile "); ok && (account == "" || account == accountOf(h, line)) {
			name = rest
		}
	}
	return name
}

// accountOf is the account of the set-up that a credential_process line is for; empty
// if it is for none of this home.
func accountOf(h home.Home, line string) string {
	name := setupOfLine(line)
	if name == "" {
		return ""
	}
	session, err := h.ReadSession(h.Setup(name))
	if err != nil {
		return ""
	}
	return session.Account
}

// runIn runs a command with variables set, and passes on its exit code.
func (a *app) runIn(ctx context.Context, variables []sandbox.Variable, command []string) error {
	path, err := a.lookPath(command[0])
	if err != nil {
		path, err = exec.LookPath(command[0])
	}
	if err != nil {
		return &usageError{err.Error(), "name a program that PATH finds"}
	}
	cmd := exec.CommandContext(ctx, path, command[1:]...)
	cmd.Env = overlay(a.environ, variables)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return &silent{exit.ExitCode()}
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", command[0], err)
	}
	return nil
}

// overlay sets and unsets variables of an environment.
func overlay(environ []string, variables []sandbox.Variable) []string {
	var env []string
	changed := map[string]bool{}
	for _, v := range variables {
		changed[v.Name] = true
		if !v.Unset {
			env = append(env, v.Name+"="+v.Value)
		}
	}
	for _, pair := range environ {
		if name, _, _ := strings.Cut(pair, "="); !changed[name] {
			env = append(env, pair)
		}
	}
	return env
}

func (a *app) sandboxEnvCommand(state, account *string) *cobra.Command {
	admin := false
	cmd := &cobra.Command{
		Use: "env", Short: "Print the environment that makes the AWS CLI use the sandbox", Args: noArgs,
		Long:    "Prints shell commands for eval. A sandbox must be running; without one the\nvariables name the port that the next one will use.",
		Example: "  eval \"$(anywhere sandbox env)\"\n  aws sts get-caller-identity\n  eval \"$(anywhere sandbox env --admin --account 222222222222)\"",
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, cfg, err := a.sandboxAt(*state, "")
			if err == nil {
				err = validAccount(*account)
			}
			if err != nil {
				return err
			}
			running, err := sandbox.Ensure(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			keys, err := running.AdminOf(cmd.Context(), *account)
			if err != nil {
				return errors.Join(err, running.Close())
			}
			variables := a.sandboxVariables(h, cfg.Dir, running, *account)
			if admin {
				variables = sandbox.AdminEnvironment(running.URL, sandbox.DefaultRegion, keys, sandboxFiles(cfg.Dir))
			}
			if running.Serves() {
				fmt.Fprintln(a.stderr, "The sandbox is not running; start it in another shell: "+sandboxCommand(*state))
			}
			for _, v := range variables {
				if v.Unset {
					fmt.Fprintf(a.stdout, "unset %s\n", v.Name)
				} else {
					fmt.Fprintf(a.stdout, "export %s=%s\n", v.Name, shellescape.Quote(v.Value))
				}
			}
			return running.Close()
		},
	}
	cmd.Flags().BoolVar(&admin, "admin", false, "print the administrator's keys instead of a set-up's AWS config profile")
	return cmd
}
