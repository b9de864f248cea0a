package renewal

import "os"

// passed are the variables that a renewal gets of the program that starts it:
// where things lie, and how the network is reached. No other one is passed, and
// so no credentials: a renewal asks AWS with the machine's own certificate.
var passed = [...]string{
	"HOME", "USERPROFILE", "PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "ANYWHERE_NO_CACHE",
}

// Environment is what a renewal is started with; root is the home of the set-up,
// wherever it was named.
func Environment(getenv func(string) string, root string) []string {
	env := []string{"ANYWHERE_HOME=" + root}
	for _, name := range passed {
		if value := getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// started is a [Child] of the system's.
type started struct{ process *os.Process }

func (s started) Wait() (int, error) {
	state, err := s.process.Wait()
	if err != nil {
		return 0, err
	}
	return state.ExitCode(), nil
}

func (s started) Release() error { return s.process.Release() }

// Detached starts a program that nobody waits for: in a session of its own, so
// that no Ctrl-C and no closed terminal reaches it, and with nothing of this
// process open. Whoever reads this process's output until its end, as the AWS
// CLI and SDKs do, is not kept waiting by the child.
func Detached(c Command) (Child, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	shutOthers()
	process, err := os.StartProcess(c.Program, append([]string{c.Program}, c.Args...), &os.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: []*os.File{null, null, null}, Sys: alone(),
	})
	if err != nil {
		return nil, err
	}
	return started{process}, nil
}
