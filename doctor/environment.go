package doctor

import (
	"slices"
	"strings"
)

// variables keeps the environment variables that matter to AWS SDKs. Of secrets
// it keeps only that they are set.
func variables(environ []string) []Variable {
	known := []string{
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ROLESANYWHERE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_CA_BUNDLE", "AWS_SDK_LOAD_CONFIG", "AWS_EC2_METADATA_DISABLED",
		"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "NO_PROXY", "no_proxy",
	}
	secret := []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_BEARER_TOKEN_BEDROCK",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", // they may hold a password
	}
	var list []Variable
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case slices.Contains(known, name):
			list = append(list, Variable{Name: name, Value: value, Empty: value == ""})
		case slices.Contains(secret, name):
			list = append(list, Variable{Name: name, Empty: value == ""})
		}
	}
	slices.SortFunc(list, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	return list
}
