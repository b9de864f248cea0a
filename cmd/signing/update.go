package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"anywhere/signer/home"
	"anywhere/signer/session"
	"anywhere/signer/sharedconfig"
)

// The three keys that update owns in its section.
const (
	keyID     = "aws_access_key_id"
	keySecret = "aws_secret_access_key"
	keyToken  = "aws_session_token"
)

// updating is what the flags of update say.
type updating struct {
	section         string // an AWS config profile, whose section bears its bare name in this file
	once            bool
	overwriteStatic bool
}

// update writes sessions into the shared credentials file, one after another, for
// programs that know no credential_process.
func update(ctx context.Context, w World, args []string) error {
	var o options
	u := updating{section: "default"}
	flags := append([]flag{
		{name: "profile", says: "AWS config profile whose section is written; default default", text: &u.section},
		{name: "once", says: "write once and end", yes: &u.once},
		{name: "overwrite-static-keys", says: "replace long-lived keys (AKIA...) in the section", yes: &u.overwriteStatic},
	}, o.flags()...)
	if err := parse(args, flags); errors.Is(err, errHelp) {
		io.WriteString(w.Stdout, describe(w.Program, "update", flags))
		return nil
	} else if err != nil {
		return err
	}
	editor, err := credentialsFile(w, o)
	if err != nil {
		return err
	}
	ctx, stop := w.interrupts(ctx)
	defer stop()
	w.secrets = &secrets{}
	a := asker{o, w, &request{}}
	certificate := &keeper{w: w, log: logTo(w)}
	for failures := 0; ; {
		next, err := a.updateOnce(ctx, u, editor)
		if u.once {
			a.seen.leaveRenewal(w)
			return err
		}
		if _, usage := errors.AsType[*usageError](err); usage || ctx.Err() != nil {
			return err
		}
		certificate.see(ctx, *a.seen)
		if _, static := errors.AsType[*staticKeysError](err); static {
			return err
		}
		if err == nil {
			failures = 0
			fmt.Fprintf(w.Stderr, "anywhere: wrote [%s] in %s; the next session comes at %s\n", u.section, editor.Path, next.UTC().Format(time.RFC3339))
		} else {
			report(ctx, w, err)
			next = w.Now().Add(backOff(failures, jitter(w.Random)))
			failures++
		}
		if w.until(ctx, next) != nil {
			return nil // it was told to stop, and has
		}
	}
}

// updateOnce gets a session, writes it and says when the next is wanted.
func (a asker) updateOnce(ctx context.Context, u updating, editor sharedconfig.Editor) (next time.Time, err error) {
	got, err := a.next(ctx)
	if err != nil {
		return next, err
	}
	_, err = editor.Apply(ctx, func(d *sharedconfig.Document) error { return u.write(d, got) })
	return refreshAt(got.Expiration, a.w.Now()), err
}

// write puts the keys into the section; everything else stays as it is.
func (u updating) write(d *sharedconfig.Document, got session.Credentials) error {
	pairs := [][2]string{{keyID, got.AccessKeyID}, {keySecret, got.SecretAccessKey}, {keyToken, got.SessionToken}}
	if !d.Has(u.section) {
		return d.AddSection(u.section, pairs...)
	}
	if old, _ := d.Get(u.section, keyID); strings.HasPrefix(old, "AKIA") && !u.overwriteStatic {
		return &staticKeysError{u.section}
	}
	for _, pair := range pairs {
		if err := d.Set(u.section, pair[0], pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// staticKeysError keeps keys that nobody could get back.
type staticKeysError struct{ section string }

func (e *staticKeysError) Error() string {
	return fmt.Sprintf("write [%s]: it holds a long-lived access key, which AWS does not show a second time", e.section)
}

// Hint says what would do.
func (e *staticKeysError) Hint() string {
	return "name another section with --profile, or give --overwrite-static-keys"
}

// credentialsFile is the file to write, with the lock that all set-ups share, or one
// beside the file where there is no home that can be written.
func credentialsFile(w World, o options) (sharedconfig.Editor, error) {
	path := w.Getenv("AWS_SHARED_CREDENTIALS_FILE")
	if path == "" {
		user := w.Getenv("HOME")
		if user == "" {
			user = w.Getenv("USERPROFILE")
		}
		if user == "" {
			return sharedconfig.Editor{}, errors.New("find the credentials file: neither AWS_SHARED_CREDENTIALS_FILE nor HOME is set")
		}
		path = filepath.Join(user, ".aws", "credentials")
	}
	root, err := o.home, error(nil)
	if root == "" {
		root, err = home.Root(w.Getenv)
	}
	h := home.Home{Root: root, Disk: w.disk()}
	lock := h.ConfigLock()
	if err != nil || h.Disk.Mkdir(root, home.DirPerm) != nil {
		lock = path + ".lock"
		if err := h.Disk.Mkdir(filepath.Dir(path), home.DirPerm); err != nil {
			return sharedconfig.Editor{}, err
		}
	}
	return sharedconfig.Editor{Path: path, Lock: lock, Disk: h.Disk}, nil
}
