package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/signer/http1"
	"anywhere/signer/ownfile"
	"anywhere/signer/serve"
	"anywhere/signer/session"
)

// serving is what the flags of serve say.
type serving struct {
	listen    string
	port      int
	hopLimit  int
	insecure  bool
	noIMDS    bool
	tokenFile string
	printUnit string
}

func (s *serving) flags() []flag {
	return []flag{
		{name: "port", says: "port to listen on; default 9911", number: &s.port, most: 65535},
		{name: "hop-limit", says: "how many routers an answer may pass, 1 to 255; default 64", number: &s.hopLimit, least: 1, most: 255},
		{name: "listen", says: "address to listen on; default 127.0.0.1", text: &s.listen},
		{name: "insecure-listen", says: "serve IMDS to other machines too, if --listen lets them in", yes: &s.insecure},
		{name: "no-imds", says: "serve the container endpoint alone, which wants its token", yes: &s.noIMDS},
		{name: "token-file", says: "file for the container endpoint's token; default in the home", text: &s.tokenFile},
		{name: "print-unit", says: "systemd or launchd: print a service that serves the container endpoint", text: &s.printUnit},
	}
}

// serveSessions hands out sessions on this machine until it is stopped.
func serveSessions(ctx context.Context, w World, args []string) error {
	var o options
	s := serving{listen: "127.0.0.1", port: 9911, hopLimit: 64}
	flags := append(s.flags(), o.flags()...)
	if err := parse(args, flags); errors.Is(err, errHelp) {
		io.WriteString(w.Stdout, describe(w.Program, "serve", flags))
		return nil
	} else if err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	r, err := o.request(w)
	if err != nil {
		return err
	}
	if s.printUnit != "" {
		return s.unit(w, args, r)
	}
	w.secrets = &secrets{}
	ctx, stop := w.interrupts(ctx)
	defer stop()
	return s.run(ctx, w, asker{o, w, nil}, r)
}

func (s serving) check() error {
	ip := net.ParseIP(s.listen)
	switch {
	case ip == nil:
		return &usageError{fmt.Sprintf("--listen %q: not an address", s.listen), ""}
	case !ip.IsLoopback() && !s.noIMDS && !s.insecure:
		return &usageError{fmt.Sprintf("--listen %s: every machine that reaches it could have the credentials", s.listen),
			"give --no-imds to serve only those who have the token, or --insecure-listen"}
	case s.printUnit != "" && s.printUnit != "systemd" && s.printUnit != "launchd":
		return &usageError{fmt.Sprintf("--print-unit %q: neither systemd nor launchd", s.printUnit), ""}
	}
	return nil
}

// run serves. It fails at once if AWS refuses the first session; if AWS cannot be
// reached it goes on and says 503 until it can.
func (s serving) run(ctx context.Context, w World, a asker, r request) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(s.listen, strconv.Itoa(s.port)))
	if err != nil {
		return &listenError{err}
	}
	defer listener.Close()
	anyPort := s.port == 0
	s.port = listener.Addr().(*net.TCPAddr).Port
	token, path, err := s.token(w, r)
	if err != nil {
		return err
	}
	if anyPort && s.tokenFile == "" && r.setup == nil {
		defer w.disk().Remove(path) // it bears the port's name, which the next run has not
	}
	log := logTo(w)
	certificate := &keeper{w: w, log: log}
	a.seen = &request{}
	source := &serve.Source{
		Fetch: func(ctx context.Context) (session.Credentials, time.Time, error) {
			got, err := a.next(ctx)
			certificate.see(ctx, *a.seen)
			return got, refreshAt(got.Expiration, w.Now()), err
		},
		Wait: w.until, Now: w.Now, Log: log,
		BackOff: func(failures int) time.Duration { return backOff(failures, jitter(w.Random)) },
	}
	door := &serve.Door{Source: source, Now: w.Now, Random: w.Random, Token: token, Address: s.listen, Patience: a.deadline()}
	if !s.noIMDS {
		door.Role = r.target.RoleARN[strings.LastIndex(r.target.RoleARN, "/")+1:]
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() { source.Run(ctx); close(done) }()
	s.announce(log, door, path)
	// The system measures a connection's deadline by its own clock, whichever w has.
	server := http1.Server{Handler: door.Answer, Now: time.Now, Accepted: s.limitHops}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	first, enough := context.WithTimeout(ctx, a.deadline()+time.Second) // the attempt's own end comes first and says more
	defer enough()
	_, _, err = source.Get(first)
	if err == nil || passing(err) {
		err = <-served
	}
	stop()
	<-done
	return err
}

// listenError says that nothing can be served at an address.
type listenError struct{ err error }

func (e *listenError) Error() string { return "serve: " + e.err.Error() }
func (e *listenError) Unwrap() error { return e.err }

// Hint says what would do.
func (e *listenError) Hint() string {
	return "another program may have this port, or --listen is no address of this machine; --port takes another"
}

// passing is true for failures that the next attempt may not have.
func passing(err error) bool {
	if refused, ok := errors.AsType[*session.Refused](err); ok {
		return refused.Status == 429 || refused.Status >= 500
	}
	_, unreachable := errors.AsType[*session.UnreachableError](err)
	return unreachable || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// announce says what is served, to whom.
func (s serving) announce(log func(string, ...string), door *serve.Door, tokenPath string) {
	base := "http://" + net.JoinHostPort(s.listen, strconv.Itoa(s.port))
	if door.Role != "" {
		log("serving IMDSv2: every user of this machine can have the credentials", "AWS_EC2_METADATA_SERVICE_ENDPOINT", base+"/") // AWS CLIs of 2022 add no slash
	}
	log("serving the container endpoint", "AWS_CONTAINER_CREDENTIALS_FULL_URI", base+serve.ContainerPath,
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", tokenPath)
}

// token reads the container endpoint's token from its file, or draws one: who has
// the file's name keeps it over a restart.
func (s serving) token(w World, r request) (token, path string, err error) {
	if path, err = s.tokenPath(r); err != nil || path == "" {
		return "", "", err
	}
	data, err := ownfile.Read(path, true)
	if token = strings.TrimSpace(string(data)); err == nil && isToken(token) {
		return token, path, nil
	}
	if s.tokenFile != "" { // the user's own: what is in it stays
		switch {
		case err == nil && token != "":
			return "", "", &usageError{"--token-file " + path + ": holds something else than a token", "name a file that is not there yet"}
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", "", err
		}
	}
	if token, err = serve.NewToken(w.Random, 32); err != nil {
		return "", "", fmt.Errorf("draw token: %w", err)
	}
	if err := w.disk().Mkdir(filepath.Dir(path), home.DirPerm); err != nil {
		return "", "", err
	}
	return token, path, w.disk().Write(path, []byte(token), home.SecretPerm)
}

// isToken says whether a text can be a token: long enough, and fit for a header.
func isToken(text string) bool {
	return len(text) >= 32 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// tokenPath is where the token lies; empty if there is no home, and then no
// container endpoint.
func (s serving) tokenPath(r request) (string, error) {
	switch {
	case s.tokenFile != "":
		return filepath.Abs(s.tokenFile)
	case r.setup != nil:
		return r.setup.ServeToken(), nil
	case r.home.Root != "":
		return filepath.Join(r.home.Root, "serve-"+strconv.Itoa(s.port)+".token"), nil
	case s.noIMDS:
		return "", &usageError{"--no-imds: no place for the token", "name one with --token-file"}
	}
	return "", nil
}

// logTo writes a line of name=value pairs for each event. What comes from outside
// is quoted; a secret is never among it.
func logTo(w World) func(string, ...string) {
	return func(event string, pairs ...string) {
		line := "time=" + w.Now().UTC().Format(time.RFC3339) + " event=" + strconv.Quote(event)
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				line += " " + strings.ReplaceAll(pairs[i], " ", "-") + "=" + strconv.Quote(foreign.Text(pairs[i+1]))
			}
		}
		io.WriteString(w.Stderr, line+"\n")
	}
}
