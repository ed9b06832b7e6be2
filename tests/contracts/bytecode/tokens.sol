// SPDX-License-Identifier: MIT
pragma solidity ^0.8.10;

// Tokens as others write them, for markets whose underlying is nobody's test token. Each keeps balances elsewhere, and
// `issue` stands for whatever brought its holders theirs.

event Transfer(address indexed from, address indexed to, uint256 value);
event Approval(address indexed owner, address indexed spender, uint256 value);

// Transfers and approvals return nothing; an allowance is not changed into another; symbols are bytes32.
contract Silent {
    address public owner;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    bytes32 public constant symbol = "OLD";
    bytes32 public constant name = "Old and silent";
    uint256 public constant decimals = 18;
    bool public paused;
    mapping(address => mapping(address => uint256)) public allowance;

    function issue(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) external {
        move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - amount;
        move(from, to, amount);
    }

    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0);
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
    }

    function move(address from, address to, uint256 amount) internal {
        require(!paused);
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}

// One part in a hundred of each transfer goes to a collector.
contract Costly {
    string public constant symbol = "FEE";
    string public constant name = "Costly";
    uint8 public constant decimals = 18;
    uint256[7] private gap;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public totalSupply;

    function issue(address to, uint256 amount) external {
        totalSupply += amount;
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function move(address from, address to, uint256 amount) internal returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[address(0xfee)] += amount / 100;
        balanceOf[to] += amount - amount / 100;
        emit Transfer(from, to, amount - amount / 100);
        return true;
    }
}

// A balance shares its word with a mark of those who are barred, and lies in a namespace of its own.
contract Barring {
    string public constant symbol = "BAR";
    string public constant name = "Barring";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => mapping(address => uint256)) public allowance;

    function words() private pure returns (mapping(address => uint256) storage at) {
        assembly {
            at.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00
        }
    }

    function balanceOf(address account) public view returns (uint256) {
        return words()[account] & ((1 << 255) - 1);
    }

    function bar(address account) external {
        words()[account] |= 1 << 255;
    }

    function issue(address to, uint256 amount) external {
        totalSupply += amount;
        words()[to] += amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) internal returns (bool) {
        require(words()[from] >> 255 == 0 && words()[to] >> 255 == 0, "barred");
        words()[from] -= amount;
        words()[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}

// Balances grow with time: what is kept are shares.
contract Growing {
    string public constant symbol = "GROW";
    string public constant name = "Growing";
    uint8 public constant decimals = 18;
    mapping(address => uint256) private shares;
    uint256 private all;
    mapping(address => mapping(address => uint256)) public allowance;

    function rate() private view returns (uint256) {
        return 1e18 + block.timestamp * 1e9;
    }

    function balanceOf(address account) public view returns (uint256) {
        return shares[account] * rate() / 1e18;
    }

    function totalSupply() public view returns (uint256) {
        return all * rate() / 1e18;
    }

    function issue(address to, uint256 amount) external {
        uint256 part = amount * 1e18 / rate();
        all += part;
        shares[to] += part;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) internal returns (bool) {
        uint256 part = amount * 1e18 / rate();
        shares[from] -= part;
        shares[to] += part;
        emit Transfer(from, to, amount);
        return true;
    }
}

// Balances are parts of a pool, as those of staked ether: shares of all shares. A slash or a reward moves the pool.
contract Pooled {
    string public constant symbol = "PART";
    string public constant name = "Pooled";
    uint8 public constant decimals = 18;
    uint256[3] private gap;
    mapping(address => uint256) public sharesOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public sharesInAll = 1e18;
    uint256 public pool = 1.25e18;

    function balanceOf(address account) public view returns (uint256) {
        return sharesOf[account] * pool / sharesInAll;
    }

    function totalSupply() public view returns (uint256) {
        return pool;
    }

    function issue(address to, uint256 amount) external {
        uint256 part = amount * sharesInAll / pool;
        sharesInAll += part;
        pool += amount;
        sharesOf[to] += part;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) internal returns (bool) {
        uint256 part = amount * sharesInAll / pool;
        sharesOf[from] -= part;
        sharesOf[to] += part;
        emit Transfer(from, to, amount);
        return true;
    }
}

// A balance lies under a number and the account, where nobody looks for it.
contract Dated {
    string public constant symbol = "DATE";
    string public constant name = "Dated";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(uint256 => mapping(address => uint256)) private balances;
    mapping(address => mapping(address => uint256)) public allowance;

    function balanceOf(address account) public view returns (uint256) {
        return balances[2026][account];
    }

    function issue(address to, uint256 amount) external {
        totalSupply += amount;
        balances[2026][to] += amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balances[2026][msg.sender] -= amount;
        balances[2026][to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

// Balances under hashes as others make them than Solidity.
abstract contract Hashing {
    string public constant symbol = "HASH";
    string public constant name = "Hashing";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => mapping(address => uint256)) public allowance;

    function slotOf(address account) internal pure virtual returns (uint256);

    function balanceOf(address account) public view returns (uint256 held) {
        uint256 slot = slotOf(account);
        assembly {
            held := sload(slot)
        }
    }

    function put(address account, uint256 amount) private {
        uint256 slot = slotOf(account);
        assembly {
            sstore(slot, amount)
        }
    }

    function issue(address to, uint256 amount) external {
        totalSupply += amount;
        put(to, balanceOf(to) + amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        put(msg.sender, balanceOf(msg.sender) - amount);
        put(to, balanceOf(to) + amount);
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}

// As Vyper does: the place of the variable first.
contract Turned is Hashing {
    function slotOf(address account) internal pure override returns (uint256) {
        return uint256(keccak256(abi.encode(uint256(17), account)));
    }
}

// As Solady does: the account and a seed in one word.
contract Seeded is Hashing {
    function slotOf(address account) internal pure override returns (uint256) {
        return uint256(keccak256(abi.encodePacked(account, uint64(0), bytes4(0x87a211a2))));
    }
}
