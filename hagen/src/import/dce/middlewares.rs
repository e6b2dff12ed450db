//! `externalMiddlewares`: databases, Elasticsearch, Kafka and S3 that are there already.

use super::sections::secret;
use crate::import::out::Out;
use crate::import::reader::{Cx, Form, Table, carry};
use crate::spec::Word;

pub(super) fn read(spec: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let Some(mut table) = spec.table("externalMiddlewares", cx) else { return vec![] };
    let mut out = vec![];
    let databases = databases(&mut table, cx);
    if !databases.is_empty() {
        out.push(("database".into(), Out::Map(databases)));
    }
    for (key, inner, name) in
        [("elasticsearch", "insight", "elasticsearch"), ("S3Storage", "default", "s3Storage")]
    {
        let Some(mut outer) = table.table(key, cx) else { continue };
        if let Some(mut found) = outer.table(inner, cx) {
            let pairs =
                if key == "elasticsearch" { elasticsearch(&mut found, cx) } else { s3(&mut found, cx) };
            found.close(cx);
            if !pairs.is_empty() {
                out.push((name.into(), Out::Map(pairs)));
            }
        }
        outer.close(cx);
    }
    if let Some(mut found) = table.table("kafka", cx) {
        let pairs = kafka(&mut found, cx);
        found.close(cx);
        if !pairs.is_empty() {
            out.push(("kafka".into(), Out::Map(pairs)));
        }
    }
    table.close(cx);
    out
}

fn databases(table: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let Some(mut components) = table.table("database", cx) else { return vec![] };
    let mut out = vec![];
    for component in ["kpanda", "ghippoApiserver", "ghippoKeycloak", "ghippoAuditserver"] {
        let mut list = vec![];
        for (index, item) in components.list(component).into_iter().enumerate() {
            let path = components.at(&format!("{component}[{index}]"));
            let Some(mut database) = Table::open(item, &path, cx) else { continue };
            let variable = format!("DCE_DB_{}_{}", component.to_uppercase(), index + 1);
            let mut pairs: Vec<(String, Out)> =
                secret(&mut database, "dataSourceName", "dataSourceName", &variable, cx)
                    .into_iter()
                    .collect();
            if pairs.is_empty() {
                cx.wrong(item.span, format!("`{path}` has no `dataSourceName`"), "add it");
            }
            let carried: &[(&str, &str, Form)] = &[
                ("dbDriverName", "driver", Form::Word),
                ("accessType", "accessType", Form::Word),
                ("maxOpenConnections", "maxOpenConnections", Form::Number),
                ("maxIdleConnections", "maxIdleConnections", Form::Number),
                ("connectionMaxLifetimeSeconds", "connectionMaxLifetimeSeconds", Form::Number),
                ("connectionMaxIdleSeconds", "connectionMaxIdleSeconds", Form::Number),
            ];
            pairs.extend(carry(&mut database, carried, cx));
            database.close(cx);
            list.push(pairs);
        }
        if !list.is_empty() {
            out.push((component.to_owned(), Out::List(list)));
        }
    }
    components.close(cx);
    out
}

fn login(table: &mut Table, name: &str, cx: &mut Cx) -> Vec<(String, Out)> {
    let mut out = carry(table, &[("username", "username", Form::Word)], cx);
    out.extend(secret(table, "password", "password", name, cx));
    out
}

fn elasticsearch(table: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let carried: &[(&str, &str, Form)] = &[
        ("endpoint", "endpoint", Form::Url),
        ("anonymous", "anonymous", Form::Flag),
        ("insecure", "insecure", Form::Flag),
    ];
    let mut out = carry(table, carried, cx);
    out.extend(login(table, "DCE_ELASTICSEARCH_PASSWORD", cx));
    out
}

fn kafka(table: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let brokers = table.parsed_list::<Word>("brokers", "`HOST:PORT`", cx);
    let brokers: Vec<String> = brokers.iter().map(|broker| broker.to_string()).collect();
    let mut out = if brokers.is_empty() { vec![] } else { vec![("brokers".to_owned(), Out::Words(brokers))] };
    out.extend(login(table, "DCE_KAFKA_PASSWORD", cx));
    out
}

fn s3(table: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let carried: &[(&str, &str, Form)] = &[
        ("endpoint", "endpoint", Form::Url),
        ("insecure", "insecure", Form::Flag),
        ("bucket", "bucket", Form::Word),
    ];
    let mut out = carry(table, carried, cx);
    out.extend(secret(table, "accessKey", "accessKey", "DCE_S3_ACCESS_KEY", cx));
    out.extend(secret(table, "secretKey", "secretKey", "DCE_S3_SECRET_KEY", cx));
    out
}
