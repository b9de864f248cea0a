package steps

import (
	"context"
	"errors"

	"anywhere/awsapi"
)

// lists remembers AWS's lists while one plan is made: AWS allows about one such
// call a second.
type lists struct {
	anchors  []awsapi.Anchor
	profiles []awsapi.Profile
	roles    []awsapi.Role
	crls     []awsapi.CRL
	have     map[string]bool
}

// once runs fetch the first time that name is asked for.
func (l *lists) once(name string, fetch func() error) error {
	if l.have[name] {
		return nil
	}
	if err := fetch(); err != nil {
		return err
	}
	if l.have == nil {
		l.have = map[string]bool{}
	}
	l.have[name] = true
	return nil
}

func (e *Env) anchors(ctx context.Context) ([]awsapi.Anchor, error) {
	err := e.lists.once("anchors", func() (err error) { e.lists.anchors, err = e.AWS.Anchors(ctx); return })
	return e.lists.anchors, err
}

func (e *Env) profiles(ctx context.Context) ([]awsapi.Profile, error) {
	err := e.lists.once("profiles", func() (err error) { e.lists.profiles, err = e.AWS.Profiles(ctx); return })
	return e.lists.profiles, err
}

func (e *Env) roles(ctx context.Context) ([]awsapi.Role, error) {
	err := e.lists.once("roles", func() (err error) { e.lists.roles, err = e.AWS.Roles(ctx); return })
	return e.lists.roles, err
}

func (e *Env) crls(ctx context.Context) ([]awsapi.CRL, error) {
	err := e.lists.once("crls", func() (err error) { e.lists.crls, err = e.AWS.CRLs(ctx); return })
	return e.lists.crls, err
}

// ours says whether tags mark a thing as this set-up's.
func (e *Env) ours(tags map[string]string) bool {
	return tags[TagSetup] == e.Setup && tags[TagID] == e.ID
}

// taggedOurs reads the tags of a Roles Anywhere resource and says whether they
// mark it as ours. One that is gone is not ours.
func (e *Env) taggedOurs(ctx context.Context, arn string) (bool, error) {
	tags, err := e.AWS.Tags(ctx, arn)
	if errors.Is(err, awsapi.ErrNotFound) {
		return false, nil
	}
	return err == nil && e.ours(tags), err
}
