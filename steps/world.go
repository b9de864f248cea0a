package steps

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"io"
	"slices"
	"time"

	"anywhere/awsapi"
	"anywhere/pki/importing"
	"anywhere/signer"
	"anywhere/signer/home"
)

// World is everything outside that the road may touch; cmd fills it in, and a
// test with fakes.
type World struct {
	Home   home.Home
	Now    func() time.Time
	Random io.Reader
	Wait   func(context.Context, time.Duration) error // sleeps; the context's error if it ends first
	// Open leads to an AWS: where is "sandbox" or "aws", and awsProfile the AWS config
	// profile of the administrator; empty for what the environment selects.
	Open func(ctx context.Context, where, awsProfile string) (*Site, error)
	// Reach leads to the AWS of another set-up of this machine, with credentials of
	// its account. Nil reaches none.
	Reach   func(ctx context.Context, b Begin) (*Site, error)
	Machine Machine
}

// Machine is what the road asks of the computer it runs on.
type Machine struct {
	HostName string
	Path     string // PATH
	// HasAWS says that AWS credentials were found. For the choice of where, AWSLabel
	// says which account and Region they lead to and AWSSays whose they are, or why
	// that is not known.
	HasAWS   bool
	AWSLabel string
	AWSSays  string
	// AWSProfiles are the AWS config profiles that an administrator may have meant, and
	// ManyProfiles says that nothing in the environment decides between them.
	AWSProfiles  []Choice
	ManyProfiles bool
	UserHome     string // the user's home directory
	// SameFile says that two paths are one file, links followed.
	SameFile func(a, b string) bool
	// VersionOf asks a program of ours that stands beside this one which version
	// it is.
	VersionOf func(path string) (string, error)
	// Executable is the running binary.
	Executable string
	Version    string
	// HomeFlag is set when ANYWHERE_HOME moved the home: the written
	// credential_process line then carries --home.
	HomeFlag bool
	// TPM is the device or socket of the TPM; empty is the machine's own.
	TPM string
	// Interactive says that somebody sits at a terminal.
	Interactive bool
	// FromPath finds a command by PATH, as exec.LookPath does.
	FromPath func(name string) (string, error)
	ReadFile func(path string) ([]byte, error)
	// ReadFolder reads every file below a folder, within limits. Nil reads none.
	ReadFolder func(path string) ([]importing.Input, error)
	// Abs is a path as the user gave it, from the root: answers are read again from
	// other directories. Nil leaves paths as they are.
	Abs func(path string) string
	// Exists says that there is something at path; HasFiles, that a directory is
	// not empty.
	Exists   func(path string) bool
	HasFiles func(dir string) bool
	// NoExec says that programs in the directory cannot be run.
	NoExec func(dir string) bool
	// CanRun starts the program with the argument version and says whether that
	// worked; it finds directories mounted noexec.
	CanRun func(ctx context.Context, path string) error
	// Run runs a program with nothing but env and returns its standard output.
	Run func(ctx context.Context, args, env []string) (stdout, stderr []byte, err error)
}

// Site is one AWS: where the road leads.
type Site struct {
	Mode     home.Mode
	API      awsapi.API
	Caller   awsapi.Caller
	Region   string
	Endpoint string // empty for AWS's own
	// AWSProfile is the AWS config profile that the credentials come from; empty where
	// they come from elsewhere. Remembered says that it is not what the environment
	// selects but what the set-up was made with.
	AWSProfile string
	Remembered bool
	// CallerSetup names the set-up whose session is in use, if it is one of ours.
	CallerSetup string
	// ConfigFile and CredentialsFile are the AWS files of the machine, or the
	// sandbox's own.
	ConfigFile, CredentialsFile string
	Client                      signer.Client
	// As is the same AWS seen with other credentials.
	As func(signer.Credentials) (awsapi.Reader, error)
	// ClockOffset is AWS's clock minus ours, zero if unknown.
	ClockOffset time.Duration
}

// Env is what a step may look at. It cannot write.
type Env struct {
	World   World
	Site    *Site
	AWS     awsapi.Reader
	Setup   string // name; empty until it is answered
	ID      string // 32 hex digits
	Started Begin  // how the set-up began; zero if it has not
	// Standing is what was made and not undone, oldest first.
	Standing []Made

	// Begun is what an earlier run began and whose outcome nobody knows.
	Begun []Change
	// halfKeys are what [Journal.HalfKeys] finds.
	halfKeys []string
	// locked says of files, by their contents, whether they are locked; opened is the
	// one that was opened.
	locked map[[sha256.Size]byte]bool
	opened opened
	// arranged is what was found in files, by their contents and passphrases.
	arranged map[[sha256.Size]byte]arranged
	held     held // of the runner; nil of another set-up
	typing   bool // an answer is judged that may not be whole
	// DeleteCA lets a teardown remove a CA key outside the sandbox.
	DeleteCA bool
	// CAKeyAt is where the CA's key lies in this run, a file or a reference to hardware, if
	// that is not where it was put: a stick has another place today.
	CAKeyAt string
	// First is the session that proved the set-up in this run.
	First signer.Credentials

	answers *Answers
	road    []Step
	notes   []string
	lists   lists
	facts   facts
	pending *[]Change // of the plan that is being made
	// newPassphrase locks the key of a CA that is made where no question asks.
	newPassphrase string
	// root and rootKey sign another intermediate, in this run alone.
	root    *x509.Certificate
	rootKey crypto.Signer
	// enrols says that this renewal gets a certificate as if it were the first.
	enrols bool

	fresh bool // this run has changed something, so IAM may still be spreading it
}

// Tools is what Apply, Verify and Undo work with: Env, and the means to write.
type Tools struct {
	*Env
	API awsapi.API
	// Say reports that the step waits, on what, and how long that usually takes.
	Say func(note string)
	// CAKey is the authority's key while it is in memory; nil until it was made
	// or opened in this run.
	CAKey *crypto.Signer
}

// ID8 is the part of the id that stands in names.
func (e *Env) ID8() string { return e.ID[:8] }

// AWSName is the name of everything the set-up makes in AWS.
func (e *Env) AWSName() string { return "anywhere-" + e.Setup + "-" + e.ID8() }

// Place is the directory of the set-up.
func (e *Env) Place() home.Setup { return e.World.Home.Setup(e.Setup) }

// The tags that mark what is ours.
const (
	TagSetup = "anywhere:setup"
	TagID    = "anywhere:id"
)

// OurTags are the tags of everything the set-up makes, and the user's own.
func (e *Env) OurTags() map[string]string {
	tags := map[string]string{}
	for key, value := range splitPairs(e.Get("tags")) {
		tags[key] = value
	}
	tags[TagSetup], tags[TagID] = e.Setup, e.ID
	return tags
}

// Value is a value that a made thing left for later steps, such as anchor.arn.
// The newest wins.
func (e *Env) Value(key string) string {
	for i := len(e.Standing) - 1; i >= 0; i-- {
		if v := e.Standing[i].Values[key]; v != "" {
			return v
		}
	}
	return ""
}

// Has returns the newest standing result of a change.
func (e *Env) Has(change string) (Made, bool) {
	for i := len(e.Standing) - 1; i >= 0; i-- {
		if e.Standing[i].Change == change {
			return e.Standing[i], true
		}
	}
	return Made{}, false
}

// planned finds a change that an earlier step has put into the plan being made.
func (e *Env) planned(id string) bool {
	return e.pending != nil && slices.ContainsFunc(*e.pending, func(c Change) bool { return c.ID == id })
}

// begun says whether an earlier run was stopped in the middle of this change.
func (e *Env) begun(id, name string) bool {
	return slices.ContainsFunc(e.Begun, func(c Change) bool {
		spec, err := decodeSpec[configSpec](c)
		return c.ID == id && err == nil && spec.Name == name
	})
}

// Note tells the user something before the plan is approved.
func (e *Env) Note(sentence string) { e.notes = append(e.notes, sentence) }
