//! The bootstrap services of a DCE node, on a stage: Debian's container registry behind TLS, and nginx in
//! the place of ChartMuseum, MinIO and its console.

use super::stage::Stage;

/// A certificate for the registry.
pub(crate) struct Certificate {
    /// `subjectAltName`, such as `DNS:www.example.com,IP:172.30.41.193`; empty for none.
    pub(crate) names: String,
    /// How long it still holds, in days; negative when it has expired.
    pub(crate) days: i32,
}

impl Certificate {
    pub(crate) fn of(names: &str) -> Self {
        Self { names: names.to_owned(), days: 365 }
    }

    fn make(&self, stage: &Stage, name: &str) {
        // `openssl ca`, because it alone makes certificates that have expired already.
        let script = r#"
            set -eu
            mkdir -p "/srv/$1"
            cd "/srv/$1"
            : >index
            printf '[ca]\ndefault_ca=c\n[c]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n' >ca.cnf
            printf '[p]\ncommonName=supplied\n[e]\nbasicConstraints=CA:FALSE\n%s\n' "${2:+subjectAltName=$2}" >>ca.cnf
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=www.tinder-node-server.com \
                -keyout key.pem -out request.pem
            end=$(date -u -d "$3 days" +%Y%m%d%H%M%SZ)
            openssl ca -batch -config ca.cnf -selfsign -keyfile key.pem -in request.pem -out cert.pem -notext \
                -extensions e -startdate 20200101000000Z -enddate "$end"
        "#;
        stage.run("sh", &["-c", script, "make", name, &self.names, &self.days.to_string()]).good();
    }
}

/// Starts a registry on `address:443` and pushes one small image for each name.
pub(crate) fn registry(stage: &mut Stage, address: &str, certificate: &Certificate, images: &[&str]) {
    certificate.make(stage, address);
    let config = format!(
        "version: 0.1\nstorage:\n  filesystem: {{rootdirectory: /srv/{address}/images}}\nhttp:\n  \
         addr: {address}:443\n  tls: {{certificate: /srv/{address}/cert.pem, key: /srv/{address}/key.pem}}\n"
    );
    stage.write(&format!("/srv/{address}/config.yml"), &config, 0o644);
    stage.serve("docker-registry", &["serve", &format!("/srv/{address}/config.yml")], &[], 443);
    for image in images {
        push(stage, address, image);
    }
}

/// Pushes an image with one empty layer, by the registry's own protocol.
pub(crate) fn push(stage: &Stage, address: &str, image: &str) {
    let script = r#"
        set -eu
        url=https://$1/v2/${2%:*}
        put() { # FILE: puts a blob
            digest=sha256:$(sha256sum <"$1" | cut -d ' ' -f 1)
            place=$(curl -sSkf -X POST -D - -o /dev/null "$url/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
            curl -sSkf -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$place&digest=$digest"
        }
        cd "$(mktemp -d)"
        printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config
        printf 'a layer' >layer
        put config
        put layer
        blob() { printf '{"mediaType":"%s","size":%s,"digest":"sha256:%s"}' "$2" "$(wc -c <"$1")" "$(sha256sum <"$1" | cut -d ' ' -f 1)"; }
        v2=application/vnd.docker.distribution.manifest.v2+json
        printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}' "$v2" \
            "$(blob config application/vnd.docker.container.image.v1+json)" \
            "$(blob layer application/vnd.docker.image.rootfs.diff.tar.gzip)" >manifest
        curl -sSkf -X PUT -H "Content-Type: $v2" --data-binary @manifest "$url/manifests/${2##*:}"
    "#;
    stage.run("sh", &["-c", script, "push", address, image]).good();
}

/// Starts the chart repository, the file service and its console on an address.
pub(crate) fn web(stage: &mut Stage, address: &str, charts: &str, alive: bool) {
    let live = if alive { "200" } else { "503" };
    let conf = format!(
        "daemon off;\npid /run/nginx-{address}.pid;\nerror_log /dev/null;\nevents {{}}\nhttp {{\n access_log off;\n\
         server {{ listen {address}:8081; location = /api/charts {{ return 200 '{charts}'; }}\n\
           location = /api/charts/insight {{ return 200 '[]'; }} }}\n\
         server {{ listen {address}:9000; location = /minio/health/live {{ return {live}; }}\n\
           location = /kubean/file.tar {{ return 200 'x'; }} }}\n\
         server {{ listen {address}:9001; location / {{ return 200 'console'; }} }}\n}}\n"
    );
    stage.write("/srv/nginx.conf", &conf, 0o644);
    stage.serve("nginx", &["-c", "/srv/nginx.conf"], &[], 9001);
}

/// Starts BIND on 127.0.0.1 with one address for the bootstrap services' name.
pub(crate) fn name_server(stage: &mut Stage, address: &str) {
    let zone = format!(
        "$TTL 30\n@ IN SOA ns hostmaster 1 900 300 1209600 60\n@ IN NS ns\nns IN A 127.0.0.1\nwww IN A {address}\n"
    );
    stage.write("/srv/dns/zone", &zone, 0o644);
    let conf = "options { directory \"/srv/dns\"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;\n\
                pid-file none; session-keyfile none; };\ncontrols {};\n\
                zone \"tinder-node-server.com\" { type primary; file \"zone\"; };\n";
    stage.write("/srv/dns/named.conf", conf, 0o644);
    stage.serve("named", &["-g", "-4", "-c", "/srv/dns/named.conf"], &[], 53);
}
