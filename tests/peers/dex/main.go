// Dex, an OpenID Connect provider, for tests: its own server with a store in memory, one client, and a directory.
//
// Dex's command can't be built without a C compiler (it brings SQLite), so this program starts the same server.
// People and their groups are those of an LDAP directory, as in an organization's single sign-on.
package main

import (
	"context"
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"os"

	gosundheit "github.com/AppsFlyer/go-sundheit"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexidp/dex/connector/ldap"
	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
)

const address = ":5556"

// required returns an environment variable, which must be there.
func required(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("%s is not set", name)
	}
	return value
}

// directory returns the connector to the LDAP directory that LDAP_HOST, LDAP_SUFFIX and LDAP_PASSWORD name.
func directory() storage.Connector {
	suffix := required("LDAP_SUFFIX")
	config := ldap.Config{
		Host:           required("LDAP_HOST"),
		InsecureNoSSL:  true,
		BindDN:         "cn=admin," + suffix,
		BindPW:         required("LDAP_PASSWORD"),
		UsernamePrompt: "User name",
	}
	config.UserSearch.BaseDN = "ou=people," + suffix
	config.UserSearch.Username = "uid"
	config.UserSearch.IDAttr = "uid"
	config.UserSearch.EmailAttr = "mail"
	config.UserSearch.NameAttr = "cn"
	config.UserSearch.PreferredUsernameAttrAttr = "uid"
	config.GroupSearch.BaseDN = "ou=groups," + suffix
	config.GroupSearch.UserMatchers = []ldap.UserMatcher{{UserAttr: "DN", GroupAttr: "member"}}
	config.GroupSearch.NameAttr = "cn"
	encoded, err := json.Marshal(config)
	if err != nil {
		log.Fatal(err)
	}
	return storage.Connector{ID: "directory", Type: "ldap", Name: "the directory", Config: encoded}
}

func main() {
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	client := storage.Client{
		ID:           required("CLIENT_ID"),
		Secret:       required("CLIENT_SECRET"),
		Name:         "JupyterHub",
		RedirectURIs: []string{required("REDIRECT_URI")},
	}
	store := storage.WithStaticClients(memory.New(logger), []storage.Client{client})
	store = storage.WithStaticConnectors(store, []storage.Connector{directory()})
	tokens, err := server.NewRefreshTokenPolicy(logger, false, "", "", "")
	if err != nil {
		log.Fatal(err)
	}
	provider, err := server.NewServer(context.Background(), server.Config{
		Issuer:             required("ISSUER"),
		Storage:            store,
		SkipApprovalScreen: true,
		RefreshTokenPolicy: tokens,
		Web:                server.WebConfig{Issuer: "Dex"},
		Logger:             logger,
		PrometheusRegistry: prometheus.NewRegistry(),
		HealthChecker:      gosundheit.New(),
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(address, provider))
}
