// The least that a program on Node can do of haal's work: no configuration, no policy, no lockfile, no checks, no record. What haal adds is the
// rest. `node plain.cjs <work> <what it needs>`.
const fs = require('node:fs')

const [work, ...words] = process.argv.slice(2)

/** `list` or `install` with nothing to do: each file's metadata. `names` has a path a line. */
function look(names) {
  for (const file of fs.readFileSync(names, 'utf8').split('\n')) fs.lstatSync(file)
}

/** `verify`: each file's digest. */
function digest(folder) {
  for (const at of filesIn(folder)) sha256(fs.readFileSync(at))
}

/** What a work does not use it does not load, here and below. */
function sha256(bytes) {
  return require('node:crypto').createHash('sha256').update(bytes).digest()
}

function filesIn(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesIn(at) : [at]
  })
}

/** `install --frozen`: each file is read, digested and written. */
function copy(from, to) {
  fs.mkdirSync(to)
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copy(`${from}/${entry.name}`, `${to}/${entry.name}`)
    else write(`${to}/${entry.name}`, fs.readFileSync(`${from}/${entry.name}`))
  }
}

function write(at, bytes) {
  sha256(bytes)
  const file = fs.openSync(at, 'wx')
  fs.writeSync(file, bytes)
  fs.closeSync(file)
}

/** A cold install from a git server: one commit into a bare repository, its objects, the files of its folder `skills`. */
async function fetchAll(url, to) {
  const git = repository(url, `${to}.git`)
  await git(['fetch', '-q', '--depth=1', 'origin', '+HEAD:refs/wanted'])
  const objects = await git(['cat-file', '--batch', '--batch-all-objects', '--unordered', '--buffer'])
  const known = new Map(answersIn(objects).map(({ id, bytes }) => [id, bytes]))
  const commit = known.get(fs.readFileSync(`${to}.git/refs/wanted`, 'latin1').trim())
  const put = (id, at) => {
    fs.mkdirSync(at)
    for (const entry of entriesOf(known.get(id))) {
      if (entry.isTree) put(entry.id, `${at}/${entry.name}`)
      else write(`${at}/${entry.name}`, known.get(entry.id))
    }
  }
  put(entryOf(known.get(commit.latin1Slice(5, 45)), 'skills'), to)
}

/** One skill of a large repository, at a path that it knows: the commit without its files, the skill's folders, their files. */
async function fetchOne(url, to, name) {
  const git = repository(url, `${to}.git`)
  const read = async (names) => answersIn(await git(['cat-file', '--batch'], names))
  await git(['fetch', '-q', '--depth=1', '--filter=blob:none', 'origin', '+HEAD:refs/wanted'])
  const folders = ['', '/references', '/scripts'].map((below) => `refs/wanted:skills/${name}${below}`)
  const files = (await read(folders)).flatMap(({ bytes }) => entriesOf(bytes).filter(({ isTree }) => !isTree))
  const ids = files.map(({ id }) => id)
  const alone = ['-c', 'fetch.negotiationAlgorithm=noop', 'fetch', '-q', '--no-tags', '--no-write-fetch-head']
  await git([...alone, '--recurse-submodules=no', '--filter=blob:none', '--stdin', 'origin'], ids)
  fs.mkdirSync(to)
  for (const [at, { bytes }] of (await read(ids)).entries()) write(`${to}/${files[at].name}`, bytes)
}

/** A bare repository, made without git, and git in it. */
function repository(url, at) {
  fs.mkdirSync(`${at}/objects/pack`, { recursive: true })
  fs.mkdirSync(`${at}/refs`)
  fs.writeFileSync(`${at}/HEAD`, 'ref: refs/heads/main\n')
  const core = '[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\npartialClone = origin\n'
  fs.writeFileSync(`${at}/config`, `${core}[remote "origin"]\nurl = ${url}\npromisor = true\n`)
  return (args, lines) => git(args, { env: { ...process.env, GIT_DIR: at }, lines })
}

function git(args, { env, lines }) {
  const child = require('node:child_process').spawn('git', args, {
    env,
    stdio: [lines ? 'pipe' : 'ignore', 'pipe', 'inherit'],
  })
  const parts = []
  child.stdout.on('data', (bytes) => parts.push(bytes))
  child.stdin?.end(`${lines?.join('\n')}\n`)
  return new Promise((done, refused) => {
    child.on('error', refused)
    child.on('close', (exit) => (exit === 0 ? done(Buffer.concat(parts)) : refused(new Error(`git ends with ${exit}`))))
  })
}

/** What `cat-file --batch` prints. */
function answersIn(printed) {
  const answers = []
  for (let at = 0; at < printed.length; ) {
    const start = printed.indexOf(10, at) + 1
    const [id, , size] = printed.latin1Slice(at, start - 1).split(' ')
    answers.push({ id, bytes: printed.subarray(start, start + Number(size)) })
    at = start + Number(size) + 1
  }
  return answers
}

function entriesOf(tree) {
  const entries = []
  for (let at = 0; at < tree.length; ) {
    const end = tree.indexOf(0, at)
    const [mode, name] = tree.toString('utf8', at, end).split(' ')
    entries.push({ isTree: mode === '40000', name, id: tree.hexSlice(end + 1, end + 21) })
    at = end + 21
  }
  return entries
}

function entryOf(tree, wanted) {
  return entriesOf(tree).find(({ name }) => name === wanted).id
}

const works = { look, digest, copy, 'fetch-all': fetchAll, 'fetch-one': fetchOne }
works[work](...words)
