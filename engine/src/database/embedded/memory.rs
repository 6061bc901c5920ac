//! Memory for the cluster, by what the machine, or the container, has. PostgreSQL itself takes 128 MB everywhere.

use std::{
    fs,
    path::{Path, PathBuf},
};

const MIB: u64 = 1024 * 1024;

/// The value of `shared_buffers` that `initdb` writes down, which nobody has chosen.
const UNTUNED: &str = "128MB";

/// The memory of the machine in bytes, or the part of it that this process and its children may use.
pub(super) fn available() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| machine(&text))?;
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limit = group_files(&groups)
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok())
        .min();
    Some(limit.map_or(machine, |limit| limit.min(machine)))
}

/// `MemTotal` of `/proc/meminfo`.
fn machine(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// The files that may have a limit for the groups of `/proc/self/cgroup`: those of the group and of all above it.
fn group_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, name) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => continue,
        };
        let group = Path::new(group.trim_start_matches('/'));
        files.extend(
            group
                .ancestors()
                .map(|group| Path::new(root).join(group).join(name)),
        );
    }
    files
}

/// The settings for that much memory, in bytes, and so many connections. Janji itself, and the cache of the files, need their
/// part as well.
pub(super) fn settings(bytes: u64, max_connections: u32) -> [(&'static str, String); 4] {
    let all = bytes / MIB;
    let megabytes = |value: u64| format!("{value}MB");
    [
        ("shared_buffers", megabytes((all / 4).clamp(32, 8192))),
        ("effective_cache_size", megabytes((all / 2).max(64))),
        ("maintenance_work_mem", megabytes((all / 16).clamp(16, 1024))),
        // Several in a query, in each of the connections.
        (
            "work_mem",
            megabytes((all / (4 * u64::from(max_connections.max(1)))).clamp(4, 64)),
        ),
    ]
}

/// Whether somebody has chosen a value of this setting, in the files of the cluster.
pub(super) fn is_tuned(data: &Path, name: &str) -> bool {
    ["postgresql.conf", "postgresql.auto.conf"].iter().any(|file| {
        fs::read_to_string(data.join(file)).is_ok_and(|text| {
            chosen(&text, name).is_some_and(|value| name != "shared_buffers" || value != UNTUNED)
        })
    })
}

/// The value of a setting in a configuration file: the last one counts.
fn chosen<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| {
            let rest = line.trim_start().strip_prefix(name)?;
            // The equals sign can be left out.
            if !rest.starts_with(|letter: char| letter.is_whitespace() || letter == '=') {
                return None;
            }
            let value = rest.trim_start().trim_start_matches('=');
            Some(value.split('#').next()?.trim().trim_matches('\''))
        })
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(megabytes: u64) -> Vec<String> {
        settings(megabytes * MIB, 100).map(|(_, value)| value).to_vec()
    }

    #[test]
    fn settings_fit_the_machine() {
        assert_eq!(of(64), ["32MB", "64MB", "16MB", "4MB"]);
        assert_eq!(of(512), ["128MB", "256MB", "32MB", "4MB"]);
        assert_eq!(of(4096), ["1024MB", "2048MB", "256MB", "10MB"]);
        assert_eq!(of(16 * 1024), ["4096MB", "8192MB", "1024MB", "40MB"]);
        assert_eq!(of(256 * 1024), ["8192MB", "131072MB", "1024MB", "64MB"]);
    }

    #[test]
    fn memory_is_read_as_the_kernel_writes_it() {
        assert_eq!(
            machine("MemTotal:       16303428 kB\nMemFree: 1 kB\n"),
            Some(16_303_428 * 1024)
        );
        assert_eq!(machine("MemFree: 1 kB\n"), None);
        let files = group_files("0::/system.slice/janji.service\n");
        assert!(files.contains(&"/sys/fs/cgroup/system.slice/janji.service/memory.max".into()));
        assert!(files.contains(&"/sys/fs/cgroup/memory.max".into()));
        let old = group_files("12:cpu,cpuacct:/\n4:memory:/docker/a\n");
        assert!(old.contains(&"/sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes".into()));
        assert!(available().is_some_and(|bytes| bytes > MIB));
    }

    #[test]
    fn what_somebody_chose_is_left_alone() {
        let text = "shared_buffers = 128MB\t\t\t# min 128kB\n#work_mem = 4MB\nmaintenance_work_mem 2GB\n";
        assert_eq!(chosen(text, "shared_buffers"), Some(UNTUNED));
        assert_eq!(chosen(text, "work_mem"), None);
        assert_eq!(chosen(text, "maintenance_work_mem"), Some("2GB"));
        assert_eq!(
            chosen("work_mem='8MB'\n work_mem = '16MB' # more", "work_mem"),
            Some("16MB")
        );
    }
}
