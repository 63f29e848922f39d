//! The rows of the CSV file.

/// A row: who is migrated, and how to sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    email: String,
    user: String,
    password: String,
    root: Option<String>,
    target: Option<(String, String)>,
}

impl Row {
    /// EmailAddress, UserName and Password; an empty password stands for none.
    pub fn new(email: &str, user: &str, password: &str) -> Self {
        Self { email: email.into(), user: user.into(), password: password.into(), ..Self::default() }
    }

    /// UserRoot.
    pub fn root(mut self, root: &str) -> Self {
        self.root = Some(root.into());
        self
    }

    /// TargetUserName and TargetPassword.
    pub fn target(mut self, user: &str, password: &str) -> Self {
        self.target = Some((user.into(), password.into()));
        self
    }

    /// The file with these rows; Password and the optional columns are there if a row uses them.
    pub fn csv(rows: &[Self]) -> String {
        let passwords = rows.iter().any(|row| !row.password.is_empty());
        let roots = rows.iter().any(|row| row.root.is_some());
        let targets = rows.iter().any(|row| row.target.is_some());
        let mut head = vec!["EmailAddress", "UserName"];
        head.extend(passwords.then_some("Password"));
        head.extend(roots.then_some("UserRoot"));
        head.extend(targets.then_some(["TargetUserName", "TargetPassword"]).into_iter().flatten());
        let mut text = head.join(",") + "\r\n";
        for row in rows {
            let mut fields = vec![quoted(&row.email), quoted(&row.user)];
            fields.extend(passwords.then(|| quoted(&row.password)));
            if roots {
                fields.push(quoted(row.root.as_deref().unwrap_or_default()));
            }
            if targets {
                let (user, password) = row.target.clone().unwrap_or_default();
                fields.extend([quoted(&user), quoted(&password)]);
            }
            text += &fields.join(",");
            text += "\r\n";
        }
        text
    }
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn columns_that_no_row_uses_are_left_out() {
        let rows = [Row::new("a@x", "a", "p,w"), Row::new("b@x", "b", "q").root("/users/b")];

        assert_eq!(
            Row::csv(&rows),
            "EmailAddress,UserName,Password,UserRoot\r\na@x,a,\"p,w\",\r\nb@x,b,q,/users/b\r\n"
        );
        assert_eq!(Row::csv(&[Row::new("a@x", "a", "")]), "EmailAddress,UserName\r\na@x,a\r\n");
    }
}
