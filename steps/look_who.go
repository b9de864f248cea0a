package steps

import (
	"errors"
	"slices"
)

// keyAWSProfile is the question which AWS config profile the administrator's is. The
// answer is not saved: the journal remembers by whom the set-up was made.
const keyAWSProfile = "aws.profile"

// whoQuestion is asked where there are several and nothing in the environment decides,
// because each may lead to another account.
func whoQuestion() Question {
	return Question{
		Key: keyAWSProfile, Ask: "Which AWS config profile is the administrator's?", Kind: Choose, Row: true, Example: "admin",
		Why:     "It leads to the account in which everything is made; the next screens name that account, and nothing is made before the plan is approved. AWS_PROFILE answers this in advance.",
		Applies: func(e *Env) bool { return e.Get("where") == "aws" }, AskWhen: manyProfiles,
		Choices: func(e *Env) []Choice { return e.World.Machine.AWSProfiles }, Default: likelyProfile, Valid: validAWSProfile,
	}
}

func manyProfiles(e *Env) bool { return e.World.Machine.ManyProfiles }

// likelyProfile is what the AWS CLI would take, or the only one.
func likelyProfile(e *Env) (string, bool) {
	all := e.World.Machine.AWSProfiles
	switch {
	case !manyProfiles(e):
		return "", true
	case slices.ContainsFunc(all, func(c Choice) bool { return c.Value == "default" }):
		return "default", true
	case len(all) == 1:
		return all[0].Value, true
	}
	return "", false
}

func validAWSProfile(_ *Env, name string) error {
	if name == "" {
		return nil // what the environment selects
	}
	return errors.New("must be an AWS config profile of this machine that leads to AWS credentials")
}

// siteProfile is the AWS config profile that was answered; empty for what the
// environment selects.
func (r *Runner) siteProfile() string {
	if r.answers.given["where"] != "aws" {
		return ""
	}
	return r.answers.given[keyAWSProfile]
}

// unsaid says that the AWS is not known yet because it is still to be said by whom it
// is reached.
func (r *Runner) unsaid() bool {
	_, said := r.answers.given[keyAWSProfile]
	return r.answers.given["where"] == "aws" && !said && manyProfiles(r.env)
}
