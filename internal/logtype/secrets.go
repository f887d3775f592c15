package logtype

import "strings"

// This file is the list of what counts as a secret by its name alone. Names are compared
// without case, underscores and hyphens.

// secretKeys are JSON keys (and header names) whose values are masked at any depth.
var secretKeys = nameSet(
	"password", "passwd", "pwd", "passphrase", "pass_phrase", "old_password", "new_password", "user_password", "password_hash",
	"master_user_password", "master_password", "admin_password", "previous_password", "proposed_password", "temporary_password",
	"db_password", "secret", "client_secret", "secret_key", "secret_access_key", "aws_secret_access_key", "secret_string",
	"secret_binary", "secret_hash", "shared_secret", "private_key", "ssh_private_key", "key_material", "session_token",
	"aws_session_token", "security_token", "access_token", "refresh_token", "id_token", "auth_token", "bearer_token",
	"oauth_token", "authentication_token", "authorization_token", "api_key", "x_api_key", "api_token", "jwt", "jwt_assertion",
	"authorization", "proxy_authorization", "cookie", "set_cookie", "x_amz_security_token", "x_amz_signature", "x_auth_token",
	"x_access_token", "x_session_token", "web_identity_token", "saml_assertion", "pre_shared_key", "plaintext_key",
	"user_pool_client_secret", "slack_token", "github_token", "secret_token", "credential_password", "basic_auth",
)

// secretHeaders are headers whose values are masked in lists of names and values.
var secretHeaders = nameSet("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-amz-security-token",
	"x-auth-token", "x-access-token", "x-session-token", "x-csrf-token", "x-xsrf-token", "api-key", "apikey")

// secretParams are query parameters whose values are masked wherever they stand. Weak names are
// ordinary words: they count only where a parameter of a URL begins.
const (
	strongParam = 1 + iota
	weakParam
)

var secretParams = func() map[string]uint8 {
	m := map[string]uint8{}
	for n := range nameSet("token", "access_token", "id_token", "refresh_token", "auth_token", "session_token", "csrf_token", "xsrf_token",
		"oauth_token", "bearer_token", "api_token", "id_token_hint", "api_key", "apikey", "x-api-key", "x-amz-signature",
		"x-amz-security-token", "x-amz-credential", "x-goog-signature", "x-goog-credential", "aws_access_key_id", "awsaccesskeyid",
		"password", "passwd", "pwd", "passphrase", "new_password", "old_password", "user_password", "password_confirmation",
		"client_secret", "secret", "secret_key", "secret_access_key", "access_key", "private_key", "signature", "session_id", "sessionid",
		"phpsessid", "jsessionid", "jwt", "saml_response", "samlresponse", "saml_request", "client_assertion", "assertion",
		"authorization", "auth_code", "code_verifier", "otp", "passcode") {
		m[n] = strongParam
	}
	for n := range nameSet("code", "key", "sig", "session", "sid", "auth", "pass", "hash", "nonce_token", "ticket", "credential", "credentials") {
		m[n] = weakParam
	}
	delete(m, "hash")
	return m
}()

func nameSet(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[squashName(n)] = true
	}
	return m
}

// squashName is the form in which names are compared.
func squashName(s string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
}

const maxNameBytes = 64

// secretKey reports whether a key names a secret; extra are names a definition adds.
func secretKey(key string, extra map[string]bool) bool {
	if len(key) > maxNameBytes {
		return false
	}
	var buf [maxNameBytes]byte
	n := 0
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c == '_' || c == '-' {
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[n] = c
		n++
	}
	return secretKeys[string(buf[:n])] || extra[string(buf[:n])]
}
