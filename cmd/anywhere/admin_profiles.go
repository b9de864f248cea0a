package main

import (
	"os"
	"slices"
	"strings"

	"anywhere/awsapi/sandbox"
	"anywhere/pki/foreign"
	"anywhere/signer/sharedconfig"
	"anywhere/steps"
)

// leadsToCredentials are the keys of which an AWS config profile has one at least, and
// what is said of it.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
var leadsToCredentials = []struct{ key, says string }{
	{"role_arn", "a role"},
	{"sso_session", "signs in by SSO"},
	{"sso_start_url", "signs in by SSO"},
	{"login_session", "signs in by aws login"},
	{"web_identity_token_file", "a web identity"},
	{"credential_process", "a program gives the credentials"},
	{"aws_access_key_id", "access keys"},
}

// decidesWho are the variables by which the environment says which AWS credentials are
// meant.
var decidesWho = []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}

func (a *app) environmentDecides() bool {
	return slices.ContainsFunc(decidesWho, func(name string) bool { return a.getenv(name) != "" })
}

func onlyDefault(all []steps.Choice) bool { return len(all) == 1 && all[0].Value == "default" }

// adminProfiles are the AWS config profiles of the user's files that lead to AWS
// credentials of somebody else than a set-up of ours, by name.
func (a *app) adminProfiles() []steps.Choice {
	config, credentials := a.awsFiles()
	found := map[string]string{}
	for _, file := range []string{credentials, config} {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		document := sharedconfig.Parse(data)
		for _, section := range document.Sections() {
			name, isProfile := strings.CutPrefix(section, "profile ")
			if !isProfile && file == config && section != "default" {
				continue // [sso-session ...] and [services ...]
			}
			if says := wayOf(document, section); says != "" {
				found[name] = says
			}
		}
	}
	var all []steps.Choice
	for name, says := range found {
		all = append(all, steps.Choice{Value: name, Label: foreign.Text(name), Note: says})
	}
	slices.SortFunc(all, func(x, y steps.Choice) int { return strings.Compare(x.Value, y.Value) })
	return all
}

// wayOf says how an AWS config profile leads to credentials; empty if it does not, or
// is the section of a set-up.
func wayOf(document *sharedconfig.Document, section string) string {
	for _, way := range leadsToCredentials {
		value, there := document.Get(section, way.key)
		if !there {
			continue
		}
		if way.key == "credential_process" && setupOfLine(value) != "" {
			return ""
		}
		if way.key != "role_arn" {
			value, _ = document.Get(section, "sso_account_id")
		}
		for _, part := range strings.Split(value, ":") { // of an ARN, or alone
			if sandbox.ValidAccount(part) == nil {
				return way.says + " in account " + part
			}
		}
		return way.says
	}
	return ""
}
